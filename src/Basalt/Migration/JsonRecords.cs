using System.Buffers;
using System.Text.Json;
using Basalt.Records;

namespace Basalt.Migration;

/// <summary>Writes records as one JSON array, an element per line, or as JSON Lines.</summary>
internal sealed class JsonRecords(Stream output, bool isArray, JsonForm form) : IDisposable
{
    private const int ChunkBytes = 1 << 16;
    private readonly ArrayBufferWriter<byte> _buffer = new(ChunkBytes);
    private Utf8JsonWriter? _json;
    private long _count;

    public async ValueTask WriteAsync(Record record, CancellationToken cancellationToken)
    {
        if (isArray) _buffer.Write(_count == 0 ? "[\n"u8 : ",\n"u8);
        if (_json is null) _json = new Utf8JsonWriter(_buffer, RecordJson.WriterOptions);
        else _json.Reset();
        RecordJson.Write(_json, record, form);
        await _json.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (!isArray) _buffer.Write("\n"u8);
        _count++;
        if (_buffer.WrittenCount >= ChunkBytes) await DrainAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        if (isArray) _buffer.Write(_count == 0 ? "[]\n"u8 : "\n]\n"u8);
        await DrainAsync(cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _json?.Dispose();

    private async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        await output.WriteAsync(_buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        _buffer.ResetWrittenCount();
    }
}
