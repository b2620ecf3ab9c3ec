namespace Basalt.Backends.Files.Formats;

/// <summary>Text that is not what its format allows, and where: the reader knows the place, its caller the file.</summary>
internal sealed class MalformedException(string problem, long line, long column, long offset, Exception? inner = null)
    : FormatException($"line {line}, column {column} (byte {offset}): {problem}", inner)
{
    public string Problem { get; } = problem;

    /// <summary>From 1; lines end with a line feed.</summary>
    public long Line { get; } = line;

    /// <summary>From 1, in characters.</summary>
    public long Column { get; } = column;

    /// <summary>From 0, in the uncompressed text.</summary>
    public long Offset { get; } = offset;

    /// <summary>The fault at a place inside of a piece of text whose own place is known.</summary>
    public static MalformedException In(ReadOnlySpan<byte> text, int at, long line, long column, long offset, string problem, Exception? inner = null)
    {
        var before = text[..Math.Clamp(at, 0, text.Length)];
        var lines = before.Count((byte)'\n');
        var tail = lines == 0 ? before : before[(before.LastIndexOf((byte)'\n') + 1)..];
        var characters = System.Text.Encoding.UTF8.GetCharCount(tail);
        return new MalformedException(problem, line + lines, (lines == 0 ? column : 1) + characters, offset + before.Length, inner);
    }
}
