using Basalt.DuckDb.Native;
using Basalt.Records;

namespace Basalt.DuckDb.Columns;

/// <summary>A chunk of rows that is filled value by value, row after row. Not thread-safe.</summary>
internal sealed class ChunkBuilder : IDisposable
{
    private readonly ValueWriter[] _writers;

    /// <summary>An empty chunk of columns of those types.</summary>
    public ChunkBuilder(IReadOnlyList<DuckType> types)
    {
        _writers = [.. types.Select(ValueWriter.Of)];
        Handle = Create(types);
        Attach();
    }

    /// <summary>How many rows a chunk holds at most.</summary>
    public static int Capacity { get; } = (int)NativeMethods.VectorSize();

    /// <summary>How many rows are complete.</summary>
    public int Count { get; private set; }

    /// <summary>Whether there is no room for another row.</summary>
    public bool IsFull => Count == Capacity;

    internal ChunkHandle Handle { get; }

    /// <summary>Writes a value of the row that is being written.</summary>
    public Fit Write(int column, in Value value) => _writers[column].Write(Count, value);

    /// <summary>The row is complete: each of its columns was written.</summary>
    public void EndRow() => Count++;

    /// <summary>Tells the library how many rows there are.</summary>
    internal void Seal() => NativeMethods.SetChunkSize(Handle.DangerousGetHandle(), (ulong)Count);

    /// <summary>Starts anew.</summary>
    public void Clear()
    {
        NativeMethods.ResetDataChunk(Handle.DangerousGetHandle());
        Count = 0;
        Attach();
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private static unsafe ChunkHandle Create(IReadOnlyList<DuckType> types)
    {
        var handles = types.Select(static type => type.Create()).ToArray();
        try
        {
            fixed (nint* first = Array.ConvertAll(handles, static handle => handle.DangerousGetHandle())) return NativeMethods.CreateDataChunk(first, (ulong)handles.Length);
        }
        finally
        {
            foreach (var handle in handles) handle.Dispose();
        }
    }

    private void Attach()
    {
        for (var i = 0; i < _writers.Length; i++) _writers[i].Attach(NativeMethods.ChunkVector(Handle.DangerousGetHandle(), (ulong)i));
    }
}
