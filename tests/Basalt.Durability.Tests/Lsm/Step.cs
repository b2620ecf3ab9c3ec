namespace Basalt.Durability.Tests.Lsm;

/// <summary>What a history does next.</summary>
internal enum StepKind
{
    Commit,
    Get,
    MultiGet,
    Scan,
    TakeSnapshot,
    DropSnapshot,
    Flush,
    Compact,
    CompactAll,
    Verify,
    Reopen,
    Wait,
    Load,
    Restore,
    DropTree,
}

/// <summary>
/// One step of a history, the same for every store: no answer, only the question. <see cref="Pick"/> chooses among what there is at that
/// moment, such as snapshots.
/// </summary>
internal sealed record Step(StepKind Kind, int Tree = 0, byte[]? Key = null, byte[]? To = null, bool IsDescending = false, int Pick = 0, bool Commits = true)
{
    public const int Trees = 3;

    /// <summary>Puts and deletes (a null value) of a commit, or the puts of a load into one tree, and how long a value is to live.</summary>
    public IReadOnlyList<(int Tree, byte[] Key, byte[]? Value, int? Seconds)> Writes { get; init; } = [];

    public IReadOnlyList<byte[]> Keys { get; init; } = [];

    /// <summary>A random history; equal seeds give equal ones.</summary>
    public static IReadOnlyList<Step> History(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Next(random))];
    }

    private static Step Next(Random random) => random.Next(100) switch
    {
        < 58 => new Step(StepKind.Commit) { Writes = [.. Enumerable.Range(0, random.Next(1, 10)).Select(_ => RandomWrite(random))] },
        < 70 => new Step(StepKind.Get, random.Next(Trees), RandomKey(random), Pick: random.Next(1000)),
        < 75 => new Step(StepKind.MultiGet, random.Next(Trees), Pick: random.Next(1000)) { Keys = [.. Enumerable.Range(0, random.Next(6)).Select(_ => RandomKey(random))] },
        < 86 => new Step(StepKind.Scan, random.Next(Trees), random.Next(3) == 0 ? [] : RandomKey(random), random.Next(3) == 0 ? null : RandomKey(random), random.Next(2) == 0, random.Next(1000)),
        < 89 => new Step(StepKind.TakeSnapshot),
        < 92 => new Step(StepKind.DropSnapshot, Pick: random.Next(1000)),
        < 94 => new Step(StepKind.Flush),
        < 96 => new Step(StepKind.Compact, random.Next(Trees)),
        < 97 when random.Next(2) == 0 => new Step(StepKind.DropTree, random.Next(Trees)),
        < 97 => new Step(StepKind.CompactAll),
        < 98 => new Step(StepKind.Verify),
        < 99 when random.Next(2) == 0 => new Step(StepKind.Wait, Pick: random.Next(1, 200)),
        < 99 => new Step(StepKind.Load, random.Next(Trees), Commits: random.Next(3) > 0) { Writes = [.. Enumerable.Range(0, random.Next(200)).Select(_ => RandomWrite(random) with { Value = RandomValue(random) })] },
        _ when random.Next(3) == 0 => new Step(StepKind.Restore, Pick: random.Next(1000)),
        _ => new Step(StepKind.Reopen, Pick: random.Next(1000)),
    };

    private static (int Tree, byte[] Key, byte[]? Value, int? Seconds) RandomWrite(Random random) =>
        (random.Next(Trees), RandomKey(random), random.Next(4) == 0 ? null : RandomValue(random), random.Next(5) == 0 ? random.Next(1, 300) : null);

    // Few keys, so that they meet again; with long shared prefixes, none at all, and the highest bytes.
    private static byte[] RandomKey(Random random)
    {
        var number = BitConverter.GetBytes((ushort)random.Next(random.Next(3) == 0 ? 2000 : 60));
        return random.Next(12) switch
        {
            0 => [],
            1 => [0xFF, 0xFF, number[0]],
            2 => [.. Enumerable.Repeat((byte)'p', 300), .. number],
            _ => [(byte)'k', number[1], number[0]],
        };
    }

    private static byte[] RandomValue(Random random)
    {
        var value = new byte[random.Next(24) switch
        {
            0 => 0,
            1 => random.Next(1000, 6000),
            _ => random.Next(1, 50),
        }];
        // Half of them compress well.
        if (random.Next(2) == 0) random.NextBytes(value);
        else Array.Fill(value, (byte)random.Next(256));
        return value;
    }
}
