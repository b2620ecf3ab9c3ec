using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Basalt.Lsm.IO;
using Basalt.Records;

namespace Basalt.Engine.Records;

/// <summary>Writes records as <see cref="RecordFormat"/> has it.</summary>
internal static class RecordWriter
{
    public static void Write(ByteBuffer bytes, Record record, NameList names)
    {
        bytes.Add(record.ExpiresAt == 0 ? RecordFormat.Version : RecordFormat.ExpiringVersion);
        bytes.AddVarint((ulong)record.Version);
        bytes.AddUInt64((ulong)record.Created.UtcTicks);
        AddSigned(bytes, record.Created.TotalOffsetMinutes);
        AddSigned(bytes, record.Updated.UtcTicks - record.Created.UtcTicks);
        AddSigned(bytes, record.Updated.TotalOffsetMinutes);
        if (record.ExpiresAt != 0) bytes.AddVarint((ulong)record.ExpiresAt);
        Write(bytes, record.Fields, names);
        Write(bytes, record.Metadata, names);
    }

    private static void Write(ByteBuffer bytes, ValueMap map, NameList names)
    {
        bytes.AddVarint((uint)map.Count);
        var shape = map.Shape.Names;
        for (var i = 0; i < shape.Length; i++)
        {
            var number = names.Number(shape[i]);
            bytes.AddVarint((uint)(number + 1));
            if (number < 0) Write(bytes, shape[i]);
            Write(bytes, map.RawValues[i], names);
        }
    }

    private static void Write(ByteBuffer bytes, in Value value, NameList names)
    {
        bytes.Add(value.Kind == ValueKind.Bool && value.AsBool ? RecordFormat.True : (byte)value.Kind);
        switch (value.Kind)
        {
            case ValueKind.Null or ValueKind.Bool:
                break;
            case ValueKind.Int64:
                AddSigned(bytes, value.AsInt64);
                break;
            case ValueKind.Double:
                bytes.AddUInt64((ulong)BitConverter.DoubleToInt64Bits(value.AsDouble));
                break;
            case ValueKind.Decimal:
                Span<int> parts = stackalloc int[4];
                decimal.GetBits(value.AsDecimal, parts);
                foreach (var part in parts) bytes.AddUInt32((uint)part);
                break;
            case ValueKind.String:
                Write(bytes, value.AsString);
                break;
            case ValueKind.DateTime:
                bytes.AddUInt64((ulong)value.AsDateTime.UtcTicks);
                AddSigned(bytes, value.AsDateTime.TotalOffsetMinutes);
                break;
            case ValueKind.Guid:
                value.AsGuid.TryWriteBytes(bytes.Take(16), bigEndian: true, out _);
                break;
            case ValueKind.Bytes:
                bytes.AddText(value.AsBytes.Span);
                break;
            case ValueKind.Vector:
                Write(bytes, value.AsVector.Span);
                break;
            case ValueKind.List:
                bytes.AddVarint((uint)value.AsList.Length);
                foreach (ref readonly var item in value.AsList.Span) Write(bytes, item, names);
                break;
            case ValueKind.Map:
                Write(bytes, value.AsMap, names);
                break;
            default:
                throw new InvalidOperationException($"No bytes for {value.Kind}.");
        }
    }

    private static void Write(ByteBuffer bytes, ReadOnlySpan<float> vector)
    {
        bytes.AddVarint((uint)vector.Length);
        var taken = bytes.Take(vector.Length * sizeof(float));
        if (BitConverter.IsLittleEndian) MemoryMarshal.AsBytes(vector).CopyTo(taken);
        else
            for (var i = 0; i < vector.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(taken[(i * sizeof(float))..], vector[i]);
    }

    private static void Write(ByteBuffer bytes, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        bytes.AddVarint((uint)length);
        Encoding.UTF8.GetBytes(text, bytes.Take(length));
    }

    private static void AddSigned(ByteBuffer bytes, long value) => bytes.AddVarint(RecordFormat.ZigZag(value));
}
