namespace Basalt.PointClouds.Chunks;

/// <summary>Points as they are worked with: a cell for each axis, the number of the block, and the bits of each attribute. Grows. Not thread-safe.</summary>
internal sealed class PointRows
{
    public PointRows(int axes, int attributes, int capacity = 0)
    {
        Cells = new ulong[axes][];
        Attributes = new ulong[attributes][];
        Blocks = new ulong[capacity];
        for (var i = 0; i < axes; i++) Cells[i] = new ulong[capacity];
        for (var i = 0; i < attributes; i++) Attributes[i] = new ulong[capacity];
    }

    public int Count { get; set; }

    public int Axes => Cells.Length;

    public ulong[][] Cells { get; }

    public ulong[][] Attributes { get; }

    /// <summary>The number of each point's block, in a list that is kept elsewhere.</summary>
    public ulong[] Blocks { get; private set; }

    /// <summary>Room for so many points in all.</summary>
    public void Reserve(int capacity)
    {
        if (capacity <= Blocks.Length) return;
        capacity = Math.Max(capacity, (int)Math.Min(Array.MaxLength, 2L * Blocks.Length));
        var blocks = Blocks;
        Array.Resize(ref blocks, capacity);
        Blocks = blocks;
        for (var i = 0; i < Cells.Length; i++) Array.Resize(ref Cells[i], capacity);
        for (var i = 0; i < Attributes.Length; i++) Array.Resize(ref Attributes[i], capacity);
    }

    /// <summary>Adds points of another set, in a given order.</summary>
    public void Gather(PointRows from, ReadOnlySpan<int> order)
    {
        Reserve(Count + order.Length);
        for (var axis = 0; axis < Cells.Length; axis++) Gather(from.Cells[axis], order, Cells[axis].AsSpan(Count));
        for (var i = 0; i < Attributes.Length; i++) Gather(from.Attributes[i], order, Attributes[i].AsSpan(Count));
        Gather(from.Blocks, order, Blocks.AsSpan(Count));
        Count += order.Length;
    }

    /// <summary>Adds one point of another set.</summary>
    public void Add(PointRows from, int index)
    {
        if (Count == Blocks.Length) Reserve(Count + 1);
        for (var axis = 0; axis < Cells.Length; axis++) Cells[axis][Count] = from.Cells[axis][index];
        for (var i = 0; i < Attributes.Length; i++) Attributes[i][Count] = from.Attributes[i][index];
        Blocks[Count++] = from.Blocks[index];
    }

    /// <summary>Morton order, and among points of one place the order of blocks and attributes, so that equal points lie together.</summary>
    public static int Compare(PointRows left, int leftAt, PointRows right, int rightAt)
    {
        Span<ulong> one = stackalloc ulong[4], other = stackalloc ulong[4];
        for (var axis = 0; axis < left.Axes; axis++) (one[axis], other[axis]) = (left.Cells[axis][leftAt], right.Cells[axis][rightAt]);
        var order = Morton.Compare(one[..left.Axes], other[..left.Axes]);
        if (order == 0) order = left.Blocks[leftAt].CompareTo(right.Blocks[rightAt]);
        for (var i = 0; order == 0 && i < left.Attributes.Length; i++) order = left.Attributes[i][leftAt].CompareTo(right.Attributes[i][rightAt]);
        return order;
    }

    private static void Gather(ulong[] from, ReadOnlySpan<int> order, Span<ulong> to)
    {
        for (var i = 0; i < order.Length; i++) to[i] = from[order[i]];
    }
}
