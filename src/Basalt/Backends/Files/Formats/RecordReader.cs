using Basalt.Records;

namespace Basalt.Backends.Files.Formats;

/// <summary>Where a record starts, so that reading can go on from there.</summary>
/// <param name="Offset">In the uncompressed text.</param>
/// <param name="Ordinal">How many records are before it.</param>
/// <param name="Line">From 1.</param>
internal readonly record struct RecordPlace(long Offset, long Ordinal, long Line)
{
    public static RecordPlace Start { get; } = new(0, 0, 1);
}

/// <summary>The records of a file, one after the other, as they are written there. Faults are <see cref="MalformedException"/>. Not thread-safe.</summary>
internal abstract class RecordReader : IDisposable
{
    /// <summary>Where the current record is.</summary>
    public RecordPlace Place { get; protected set; }

    /// <summary>Goes to the next record; false at the end.</summary>
    public abstract bool MoveNext();

    /// <summary>The current record as written: without what only its place in the file says.</summary>
    public abstract Record Read();

    /// <summary>Whether what was read so far ends with a line feed; meaningful at the end.</summary>
    public abstract bool EndsWithNewLine { get; }

    /// <summary>How much was read, in the uncompressed text; meaningful at the end.</summary>
    public abstract long Position { get; }

    public abstract void Dispose();
}
