using System.Buffers.Binary;

namespace Basalt.PointClouds.Files.Neuroglancer;

/// <summary>Annotations as they are written, by their ids, which count from zero.</summary>
internal sealed class AnnotationTable(AnnotationLayout layout)
{
    private const int PartBits = 14;

    private readonly List<byte[]> _parts = [];
    private readonly List<ulong> _labels = [];

    public int Count => _labels.Count;

    public int Stride => layout.Stride;

    public void Add(PointSet points)
    {
        for (var i = 0; i < points.Count; i++)
        {
            if (Count >> PartBits == _parts.Count) _parts.Add(new byte[layout.Stride << PartBits]);
            _labels.Add(points.Labels[i]);
            layout.Write(points, i, Place(Count - 1));
        }
    }

    public ReadOnlySpan<byte> Row(int id) => Place(id);

    public ulong Label(int id) => _labels[id];

    public ulong[] Labels() => [.. _labels];

    /// <summary>A coordinate as it is written.</summary>
    public float Coordinate(int id, int axis) => BinaryPrimitives.ReadSingleLittleEndian(Place(id)[(4 * axis)..]);

    /// <summary>Writes a file of several annotations: how many, each without relations, and the id of each.</summary>
    public void WriteList(string path, ReadOnlySpan<int> ids)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 15);
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, ids.Length);
        stream.Write(number);
        foreach (var id in ids) stream.Write(Row(id));
        foreach (var id in ids)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, id);
            stream.Write(number);
        }
    }

    private Span<byte> Place(int id) => _parts[id >> PartBits].AsSpan((id & ((1 << PartBits) - 1)) * layout.Stride, layout.Stride);
}
