namespace Basalt.PointClouds.Chunks;

/// <summary>
/// The body of a chunk, an <see cref="Envelope"/> of <see cref="Content.Chunk"/>. Normative: docs/formats/points.md.
/// <code>
/// u8       axes, 2 to 4
/// u8       type of the coordinates (ColumnType)
/// varint   attributes; u8 the type of each
/// varint   points, 1 to 16384
/// varint   segments, 1 to points
/// segment  varint label less the label before it (the first: the label); varint points; varint bytes of its coordinates (0 in planes)
/// u8       coordinates: 0 Morton, 1 planes
/// Morton   u8 bits an axis; for each axis a varint: what all cells have above these bits, shifted down;
///          for each segment the codes of its points: the first, then differences, as varints
/// planes   for each axis: varint base; u8 width; width planes of a byte a point: byte p of all points, lowest first,
///          of the zigzag difference to the cell before it in the segment, the first one to the base
/// blocks   varint how many; text of each (varint length, UTF-8); a column of their numbers
/// column   for each attribute: see <see cref="ColumnCodec"/>
/// </code>
/// Segments are in ascending order of labels, and the points of a segment in Morton order.
/// </summary>
internal static class ChunkFormat
{
    public const int MostPoints = 16_384;

    /// <summary>The longest chunk with its envelope: it fits a cell of every backend.</summary>
    public const int MostBytes = 128 << 10;

    public const int MostAttributes = 32;
    public const byte MortonCodes = 0;
    public const byte Planes = 1;
}

/// <summary>The points of one label in a chunk.</summary>
/// <param name="Label">The label.</param>
/// <param name="Start">The first of its points in the chunk.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct Segment(ulong Label, int Start, int Count);
