using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Columns;

namespace Basalt.PointClouds.Samples;

/// <summary>
/// Voxels like those of a segmented piece of brain, the same on every machine: labels are tubes of voxels around random walks, their sizes are heavy-tailed (Pareto, with the exponent 0.9, cut to 25 up to an
/// eightieth of all points), and every voxel belongs to the block of 128 voxels a side that it lies in. Nothing is kept: a block is made from the walks that cross it.
/// </summary>
/// <remarks>Each walk has a direction that turns a little at each step of one voxel and a radius of 1 to 4; a step adds the voxels of a ball that are on its surface. Voxels of a label are distinct.</remarks>
public sealed class Neurites
{
    /// <summary>Voxels along each side of a block.</summary>
    public const int BlockSide = 128;

    private readonly int _side;
    private readonly ulong _seed;
    private readonly int[] _sizes;

    /// <summary>A sample of about so many points.</summary>
    /// <param name="points">Points in all: 1,000 to 10,000,000,000.</param>
    /// <param name="labels">Labels; 20,000 unless given, at most a fiftieth of the points.</param>
    /// <param name="seed">Which sample.</param>
    public Neurites(long points, int labels = 20_000, ulong seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 1000);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(points, 10_000_000_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(labels, 1);
        Labels = (int)Math.Max(1, Math.Min(labels, points / 50));
        _seed = seed;
        _sizes = Sizes(points, Labels, seed);
        // About one voxel in two hundred is of a neurite that is in the sample.
        _side = Math.Max(BlockSide, (int)Math.Cbrt(points * 200.0) / BlockSide * BlockSide);
    }

    /// <summary>How many labels there are.</summary>
    public int Labels { get; }

    /// <summary>The label of a number: like the ids of real segmentations it uses most of 64 bits.</summary>
    public ulong LabelOf(int number) => 720_575_940_600_000_000UL + Mixing.Mix(_seed, (ulong)number) % 100_000_000_000UL * 1000 + (ulong)(number % 1000);

    /// <summary>About how many points a label has.</summary>
    public int SizeOf(int number) => _sizes[number];

    /// <summary>The blocks, some at a time, each whole; labels by number are dealt out to groups that fit into memory.</summary>
    /// <param name="mostPoints">Points that are in memory at a time, about.</param>
    public IEnumerable<(string Block, PointSet Points)> Blocks(int mostPoints = 4 << 20)
    {
        // A group's blocks have its number in their ids: the same place may come again with other labels, as when a volume is segmented tile by tile.
        var group = 0;
        for (var first = 0; first < Labels; group++)
        {
            var (last, points) = (first, 0L);
            while (last < Labels && (last == first || points + _sizes[last] <= mostPoints)) points += _sizes[last++];
            foreach (var block in BlocksOf(first, last, group)) yield return block;
            first = last;
        }
    }

    private IEnumerable<(string Block, PointSet Points)> BlocksOf(int first, int last, int group)
    {
        var pieces = new Dictionary<(int X, int Y, int Z), List<(ulong Label, int[] Voxels)>>();
        for (var number = first; number < last; number++)
        {
            var label = LabelOf(number);
            foreach (var (block, voxels) in Walk(number))
            {
                if (!pieces.TryGetValue(block, out var parts)) pieces.Add(block, parts = []);
                parts.Add((label, [.. voxels]));
            }
        }

        foreach (var (block, parts) in pieces.OrderBy(static piece => piece.Key)) yield return ($"{group}/{block.X},{block.Y},{block.Z}", SetOf(parts));
    }

    private static PointSet SetOf(List<(ulong Label, int[] Voxels)> parts)
    {
        var count = parts.Sum(static part => part.Voxels.Length / 3);
        var (x, y, z, labels) = (new int[count], new int[count], new int[count], new ulong[count]);
        var at = 0;
        foreach (var (label, voxels) in parts)
        {
            for (var i = 0; i < voxels.Length; i += 3, at++) (x[at], y[at], z[at], labels[at]) = (voxels[i], voxels[i + 1], voxels[i + 2], label);
        }

        return new PointSet([Column.Of("x", x), Column.Of("y", y), Column.Of("z", z)], null, labels);
    }

    /// <summary>The voxels of a label, by block.</summary>
    private Dictionary<(int X, int Y, int Z), List<int>> Walk(int number)
    {
        var random = new Random((int)Mixing.Mix(_seed ^ 0x5EED, (ulong)number));
        var seen = new HashSet<ulong>(_sizes[number] + 64);
        var blocks = new Dictionary<(int, int, int), List<int>>();
        var (x, y, z) = (random.NextDouble() * _side, random.NextDouble() * _side, random.NextDouble() * _side);
        var (dx, dy, dz) = (random.NextDouble() - 0.5, random.NextDouble() - 0.5, random.NextDouble() - 0.5);
        var radius = 1 + random.Next(4);
        for (var steps = 0L; seen.Count < _sizes[number] && steps < 20L * _sizes[number]; steps++)
        {
            (dx, dy, dz) = (dx + (random.NextDouble() - 0.5) * 0.3, dy + (random.NextDouble() - 0.5) * 0.3, dz + (random.NextDouble() - 0.5) * 0.3);
            var length = Math.Sqrt(dx * dx + dy * dy + dz * dz) + 1e-9;
            (dx, dy, dz) = (dx / length, dy / length, dz / length);
            (x, y, z) = (Turned(x + dx, ref dx), Turned(y + dy, ref dy), Turned(z + dz, ref dz));
            Add((int)x, (int)y, (int)z, radius, _sizes[number], seen, blocks);
        }

        return blocks;
    }

    /// <summary>Walks turn round at the sides of the volume.</summary>
    private double Turned(double at, ref double direction)
    {
        if (at >= 4 && at < _side - 4) return at;
        direction = -direction;
        return Math.Clamp(at, 4, _side - 5);
    }

    private static void Add(int x, int y, int z, int radius, int size, HashSet<ulong> seen, Dictionary<(int, int, int), List<int>> blocks)
    {
        for (var i = -radius; i <= radius; i++)
        for (var j = -radius; j <= radius; j++)
        for (var k = -radius; k <= radius; k++)
        {
            var square = i * i + j * j + k * k;
            if (square > radius * radius || square < (radius - 1) * (radius - 1) || seen.Count >= size) continue;
            var (a, b, c) = (x + i, y + j, z + k);
            if (!seen.Add(((ulong)a << 42) | ((ulong)b << 21) | (uint)c)) continue;
            var block = (a / BlockSide, b / BlockSide, c / BlockSide);
            if (!blocks.TryGetValue(block, out var voxels)) blocks.Add(block, voxels = []);
            voxels.AddRange([a, b, c]);
        }
    }

    private static int[] Sizes(long points, int labels, ulong seed)
    {
        var random = new Random((int)Mixing.Mix(seed, 0x517E));
        var largest = Math.Min(int.MaxValue / 4, points / 80.0 + 100);
        var sizes = Enumerable.Range(0, labels).Select(_ => Math.Min(largest, 25 * Math.Pow(1 - random.NextDouble(), -1 / 0.9))).ToArray();
        // Stretched until the sum is what was asked for; the largest may not grow beyond what a label has at most.
        for (var round = 0; round < 60; round++)
        {
            var factor = points / sizes.Sum();
            for (var i = 0; i < sizes.Length; i++) sizes[i] = Math.Clamp(sizes[i] * factor, 25, largest);
        }

        return Array.ConvertAll(sizes, static size => (int)size);
    }
}
