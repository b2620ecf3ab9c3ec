using Basalt.Conformance;
using Basalt.Records;

namespace Basalt.Tests.Records;

public sealed class RecordTreeTests
{
    private static readonly IComparer<string> ByCodePoint = Comparer<string>.Create(static (x, y) => Text.Compare(x, y));

    [Theory]
    [InlineData(50, 200)]
    [InlineData(3000, 20_000)]
    [InlineData(20_000, 60_000)]
    public void Random_edits_leave_what_a_sorted_dictionary_holds(int ids, int edits)
    {
        var random = new Random(Generator.SeedOfRun);
        var model = new SortedDictionary<string, Record>(ByCodePoint);
        var tree = RecordTree.Empty;
        var editor = tree.Edit();
        var snapshots = new List<(RecordTree Tree, Record[] Records)>();
        for (var i = 0; i < edits; i++)
        {
            var id = Id(random.Next(ids));
            // Growth first, then as many removals, then mostly removals: splits, merges and an almost empty tree.
            if (random.Next(100) < (i < edits / 2 ? 80 : i < edits * 3 / 4 ? 50 : 10))
            {
                var record = new Record { Id = id, Version = i + 1 };
                if (random.Next(2) == 0) Assert.Equal(model.GetValueOrDefault(id)?.Version, editor.FindToChange(record.Id)?.Version);
                model[id] = record;
                editor.Put(record);
            }
            else
            {
                model.Remove(id);
                editor.Remove(id);
            }

            Assert.Same(model.GetValueOrDefault(id), editor.Find(id));
            if (random.Next(edits / 20) != 0) continue;
            tree = editor.Commit();
            snapshots.Add((tree, [.. model.Values]));
            if (random.Next(2) == 0) editor = tree.Edit();
        }

        snapshots.Add((editor.Commit(), [.. model.Values]));
        foreach (var (held, records) in snapshots) Check(held, records, random);
    }

    [Fact]
    public void Ascending_and_descending_inserts_and_removals_keep_order()
    {
        var editor = RecordTree.Empty.Edit();
        for (var i = 0; i < 5000; i++) editor.Put(new Record { Id = $"{i:00000}" });
        for (var i = 9999; i >= 5000; i--) editor.Put(new Record { Id = $"{i:00000}" });
        var full = editor.Commit();
        Assert.Equal(10_000, full.Count);
        for (var i = 0; i < 10_000; i += 2) editor.Remove($"{i:00000}");
        for (var i = 9999; i > 0; i -= 2) editor.Remove($"{i:00000}");
        editor.Remove("00001");
        Assert.Equal(0, editor.Commit().Count);
        Assert.Empty(editor.Commit().Runs());
        Check(full, [.. Enumerable.Range(0, 10_000).Select(static i => new Record { Id = $"{i:00000}" })], new Random(1));
        editor.Put(new Record { Id = "again" });
        Assert.Equal(1, editor.Commit().Count);
    }

    [Fact]
    public void Reset_returns_to_a_held_tree_and_leaves_it_alone()
    {
        var editor = RecordTree.Empty.Edit();
        for (var i = 0; i < 300; i++) editor.Put(new Record { Id = $"{i:000}", Version = 1 });
        var before = editor.Commit();
        for (var i = 0; i < 300; i += 3) editor.Remove($"{i:000}");
        for (var i = 1; i < 300; i += 3) editor.Put(new Record { Id = $"{i:000}", Version = 2 });
        editor.Reset(before);
        editor.Put(new Record { Id = "zzz" });
        Assert.Equal(301, editor.Commit().Count);
        Assert.Equal(300, before.Count);
        Assert.All(Records(before, null), static record => Assert.Equal(1, record.Version));
    }

    private static void Check(RecordTree tree, Record[] expected, Random random)
    {
        Assert.Equal(expected.Length, tree.Count);
        Assert.Equal(expected.Select(static r => (r.Id, r.Version)), Records(tree, null).Select(static r => (r.Id, r.Version)));
        for (var i = 0; i < 20; i++)
        {
            var after = Id(random.Next(30_000));
            Assert.Equal(expected.Where(r => Text.Compare(r.Id, after) > 0).Select(static r => r.Id), Records(tree, after).Select(static r => r.Id));
            Assert.Equal(Array.Find(expected, r => r.Id == after)?.Version, tree.Find(after)?.Version);
        }
    }

    private static IEnumerable<Record> Records(RecordTree tree, string? after)
    {
        foreach (var run in tree.Runs(after))
            foreach (var record in run.ToArray()) yield return record;
    }

    // Ids with surrogates and without, so that the order by code point differs from the order by UTF-16.
    private static string Id(int i) => (i % 3) switch { 0 => $"\uFFFD{i}", 1 => $"\U0001F600{i}", _ => $"{i}" };
}
