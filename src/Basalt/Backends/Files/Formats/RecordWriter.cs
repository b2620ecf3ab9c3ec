using System.Buffers;
using System.Text.Json;
using Basalt.Records;

namespace Basalt.Backends.Files.Formats;

/// <summary>Writes records to the text of a file, and says where each one starts. Not thread-safe.</summary>
/// <param name="stream">Where the text goes.</param>
/// <param name="position">Where the stream starts in the text of the file.</param>
internal abstract class RecordWriter(Stream stream, long position) : IDisposable
{
    private readonly Stream _stream = stream;
    private readonly long _start = position;
    private long _flushed;

    /// <summary>Where the next byte goes, in the uncompressed text.</summary>
    public long Position => _start + _flushed + Buffer.WrittenCount;

    protected ArrayBufferWriter<byte> Buffer { get; } = new(1 << 16);

    /// <summary>Writes a record and returns where it starts.</summary>
    public long Write(Record record)
    {
        var at = Append(record);
        if (Buffer.WrittenCount >= 1 << 15) Flush();
        return at;
    }

    /// <summary>Writes what closes the text, and everything that is still buffered.</summary>
    public void Complete()
    {
        Close();
        Flush();
        _stream.Flush();
    }

    public virtual void Dispose()
    {
    }

    protected abstract long Append(Record record);

    protected virtual void Close()
    {
    }

    protected void Put(ReadOnlySpan<byte> bytes) => Buffer.Write(bytes);

    private void Flush()
    {
        _stream.Write(Buffer.WrittenSpan);
        _flushed += Buffer.WrittenCount;
        Buffer.ResetWrittenCount();
    }
}

/// <summary>Writes JSON Lines, or the elements of a JSON array, each on its own line.</summary>
internal sealed class JsonRecordWriter : RecordWriter
{
    private readonly bool _isArray;
    private readonly Utf8JsonWriter _json;
    private bool _first;

    /// <param name="stream">Where the text goes.</param>
    /// <param name="position">Where the stream starts in the text of the file.</param>
    /// <param name="isArray">Whether this is an array.</param>
    /// <param name="continues">Whether records are there already; then an array is open.</param>
    /// <param name="needsNewLine">Whether the text so far does not end with a line feed.</param>
    public JsonRecordWriter(Stream stream, long position, bool isArray, bool continues, bool needsNewLine)
        : base(stream, position)
    {
        _isArray = isArray;
        _json = new Utf8JsonWriter(Buffer, RecordJson.WriterOptions);
        _first = !continues;
        if (isArray && !continues) Put("["u8);
        if (needsNewLine && !isArray) Put("\n"u8);
    }

    public override void Dispose()
    {
        _json.Dispose();
        base.Dispose();
    }

    protected override long Append(Record record)
    {
        if (_isArray) Put(_first ? "\n"u8 : ",\n"u8);
        _first = false;
        var at = Position;
        _json.Reset();
        RecordJson.Write(_json, record, JsonForm.Exact);
        _json.Flush();
        if (!_isArray) Put("\n"u8);
        return at;
    }

    protected override void Close()
    {
        if (_isArray) Put(_first ? "]\n"u8 : "\n]\n"u8);
    }
}
