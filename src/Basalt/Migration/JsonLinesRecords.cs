using System.Runtime.CompilerServices;
using Basalt.Records;

namespace Basalt.Migration;

/// <summary>Reads one JSON object per line.</summary>
internal static class JsonLinesRecords
{
    private const int InitialBytes = 1 << 17;

    public static async IAsyncEnumerable<SourceRecord> ReadAsync(RecordSource source, string file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (content, bytes) = source.OpenContent(file);
        await using var _ = content.ConfigureAwait(false);
        var reader = new RecordJsonReader();
        var buffer = new byte[InitialBytes];
        int start = 0, end = 0;
        long line = 0, row = 0;
        var ended = false;
        while (!ended || start < end)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length < 0 && !ended)
            {
                (start, end) = MakeRoom(ref buffer, start, end, source, line + 1);
                var read = await content.ReadAsync(buffer.AsMemory(end), cancellationToken).ConfigureAwait(false);
                ended = read == 0;
                end += read;
                continue;
            }

            if (length < 0) length = end - start;
            line++;
            var text = Trim(buffer.AsMemory(start, length), isFirst: line == 1);
            start = Math.Min(end, start + length + 1);
            if (text.IsEmpty) continue;
            cancellationToken.ThrowIfCancellationRequested();
            yield return new SourceRecord(Parse(reader, text.Span, source, line), ++row, line, bytes.Position);
        }
    }

    private static Record Parse(RecordJsonReader reader, ReadOnlySpan<byte> text, RecordSource source, long line)
    {
        try
        {
            return reader.ReadRecord(text);
        }
        catch (FormatException e)
        {
            throw source.Broken($"line {line}", e.Message, e);
        }
    }

    private static (int Start, int End) MakeRoom(ref byte[] buffer, int start, int end, RecordSource source, long line)
    {
        var held = end - start;
        if (held > source.MaxRecordBytes) throw source.Broken($"line {line}", $"the line is longer than {source.MaxRecordBytes} bytes");
        var room = held < buffer.Length / 2 ? buffer : new byte[buffer.Length * 2];
        buffer.AsSpan(start, held).CopyTo(room);
        buffer = room;
        return (0, held);
    }

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> text, bool isFirst)
    {
        if (isFirst && text.Span.StartsWith("\uFEFF"u8)) text = text[3..];
        return text.Trim(" \t\r"u8);
    }
}
