using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Native;

namespace Basalt.DuckDb.Connections;

/// <summary>A column of an answer.</summary>
internal sealed record DuckField(string Name, DuckType Type);

/// <summary>An answer, chunk by chunk. The chunk at hand is valid until the next is asked for. Not thread-safe.</summary>
internal sealed class DuckRows : IDisposable
{
    private readonly DuckConnection _connection;
    private readonly DuckStatement? _statement;
    private readonly CancellationToken _cancellationToken;
    private NativeResult _result;
    private ChunkHandle? _chunk;
    private bool _isDisposed;

    internal DuckRows(DuckConnection connection, NativeResult result, DuckStatement? statement, CancellationToken cancellationToken)
    {
        (_connection, _result, _statement, _cancellationToken) = (connection, result, statement, cancellationToken);
        var fields = new DuckField[NativeMethods.ColumnCount(ref _result)];
        for (var i = 0; i < fields.Length; i++)
        {
            using var type = NativeMethods.ColumnType(ref _result, (ulong)i);
            fields[i] = new DuckField(NativeMethods.ReadText(NativeMethods.ColumnName(ref _result, (ulong)i)), DuckType.Read(type));
        }

        Fields = fields;
    }

    /// <summary>The columns.</summary>
    public IReadOnlyList<DuckField> Fields { get; }

    /// <summary>How many rows the statement changed.</summary>
    public long RowsChanged => (long)NativeMethods.RowsChanged(ref _result);

    /// <summary>How many rows the chunk at hand has.</summary>
    public int Count { get; private set; }

    /// <summary>Fetches the next chunk; false at the end.</summary>
    /// <exception cref="BasaltException">The statement failed on the way.</exception>
    public bool Next()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _chunk?.Dispose();
        _chunk = null;
        Count = 0;
        using var interrupting = _connection.InterruptOn(_cancellationToken);
        while (NativeMethods.FetchChunk(_result) is var pointer and not 0)
        {
            _chunk = ChunkHandle.Own(pointer);
            Count = (int)NativeMethods.ChunkSize(pointer);
            if (Count > 0) return true;
            _chunk.Dispose();
        }

        _chunk = null;
        if (NativeMethods.ReadText(NativeMethods.ResultError(ref _result)) is { Length: > 0 } message) throw DuckDbFaults.From(message, _connection.Name, _cancellationToken);
        return false;
    }

    /// <summary>A column of the chunk at hand.</summary>
    public Column this[int index]
    {
        get
        {
            var chunk = _chunk ?? throw new InvalidOperationException("There is no chunk at hand.");
            return new Column(NativeMethods.ChunkVector(chunk.DangerousGetHandle(), (ulong)index), Fields[index].Type, Count);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _chunk?.Dispose();
        NativeMethods.DestroyResult(ref _result);
        _statement?.Dispose();
    }
}
