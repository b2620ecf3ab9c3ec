using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Basalt.Records;

namespace Basalt.Migration;

/// <summary>
/// A 128-bit hash of what a record holds: its id, fields and metadata, names in any order. Kinds count: the integer 1 is not the double 1.0.
/// Sums of hashes modulo 2^128 tell whether two sets of records are the same, in whatever order they were met. Not thread-safe.
/// </summary>
/// <remarks>The first 16 bytes, big-endian, of the SHA-256 of the exact JSON of <c>[id, fields, metadata]</c> with names sorted by code point.</remarks>
internal sealed class ContentHash : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1 << 10);
    private readonly Utf8JsonWriter _json;

    public ContentHash() => _json = new Utf8JsonWriter(_buffer, RecordJson.WriterOptions);

    public UInt128 Of(Record record)
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartArray();
        _json.WriteStringValue(record.Id);
        Write(record.Fields);
        Write(record.Metadata);
        _json.WriteEndArray();
        _json.Flush();
        return Of(_buffer.WrittenSpan);
    }

    public static UInt128 Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    public void Dispose() => _json.Dispose();

    private void Write(ValueMap map)
    {
        _json.WriteStartObject();
        var names = map.Shape.Names;
        if (names.Length > 1)
        {
            names = [.. names];
            Array.Sort(names, static (a, b) => Text.Compare(a, b));
        }

        foreach (var name in names)
        {
            _json.WritePropertyName(name.StartsWith('$') ? "$" + name : name);
            Write(map[name]);
        }

        _json.WriteEndObject();
    }

    private void Write(Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.Map: Write(value.AsMap); break;
            case ValueKind.List:
                _json.WriteStartArray();
                foreach (var item in value.AsList.Span) Write(item);
                _json.WriteEndArray();
                break;
            default: RecordJson.WriteValue(_json, value, JsonForm.Exact); break;
        }
    }
}
