using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Native;
using Basalt.Records;

namespace Basalt.DuckDb.Connections;

/// <summary>
/// Appends rows to a table, chunk by chunk, within the transaction of its connection. Every column of a row is written, in any order, then <see cref="EndRow"/>. What was not
/// <see cref="Complete">completed</see> is dropped. Not thread-safe.
/// </summary>
internal sealed class DuckAppender : IDisposable
{
    private const long MostChunkBytes = 16L << 20;
    private readonly AppenderHandle _handle;
    private readonly ChunkBuilder _chunk;
    private readonly string _table;
    private long _bytes;
    private bool _isComplete;

    /// <summary>An appender to a table of the connection's database.</summary>
    public DuckAppender(DuckConnection connection, string? schema, string table)
    {
        _table = table;
        var state = NativeMethods.AppenderCreate(connection.Handle, null, schema, table, out _handle);
        if (state != 0)
            using (_handle) throw Failure();
        var types = new DuckType[NativeMethods.AppenderColumnCount(_handle)];
        for (var i = 0; i < types.Length; i++)
        {
            using var type = NativeMethods.AppenderColumnType(_handle, (ulong)i);
            types[i] = DuckType.Read(type);
        }

        _chunk = new ChunkBuilder(types);
    }

    /// <summary>Writes a value of the row that is being written.</summary>
    public Fit Write(int column, in Value value) => _chunk.Write(column, value);

    /// <summary>The row is complete.</summary>
    /// <param name="bytes">About how many bytes it takes, for rows of any size: many large ones are handed over before a chunk is full.</param>
    public void EndRow(long bytes = 0)
    {
        _chunk.EndRow();
        _bytes += bytes;
        if (_chunk.IsFull || _bytes > MostChunkBytes) Append();
    }

    /// <summary>Hands everything over to the table.</summary>
    /// <exception cref="BasaltException">The table refuses a row.</exception>
    public void Complete()
    {
        Append();
        if (NativeMethods.AppenderFlush(_handle) != 0) throw Failure();
        _isComplete = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Else its end would hand over what it still has.
        if (!_isComplete) _ = NativeMethods.AppenderClear(_handle);
        _handle.Dispose();
        _chunk.Dispose();
    }

    private void Append()
    {
        if (_chunk.Count == 0) return;
        _chunk.Seal();
        if (NativeMethods.AppendDataChunk(_handle, _chunk.Handle) != 0) throw Failure();
        _chunk.Clear();
        _bytes = 0;
    }

    private Exception Failure() => DuckDbFaults.From(NativeMethods.ReadText(NativeMethods.AppenderError(_handle)), _table);
}
