using System.Text;
using Basalt.Engine.Terms;
using Basalt.Lsm;
using Basalt.Lsm.IO;
using Basalt.Lsm.Tables;

namespace Basalt.Tests.Engine.Terms;

/// <summary>Text indexes as sidecars of real tables, searched where they are mapped, and with what is not in a table yet.</summary>
public sealed class TextSidecarTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-terms-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public unsafe void Tables_and_tail_are_searched_as_one()
    {
        var seed = Seeds.Next();
        var random = new Random(seed);
        var documents = TextSearchTests.Documents(random, 900, 6).ConvertAll(static texts => new[] { string.Join(' ', texts) });
        using var store = LsmStore.Open(new LsmOptions { Folder = _folder, RunsMaintenanceInline = true, Sidecars = static _ => [new TextIndex()] });
        var tree = store.Tree("t");
        for (var i = 0; i < 700; i++)
        {
            tree.Put(Encoding.ASCII.GetBytes($"{i:d4}"), Encoding.UTF8.GetBytes(documents[i][0]));
            if (i is 299 or 699) store.Flush();
        }

        var tail = new TextBuilder();
        for (var i = 700; i < 900; i++) tail.Add(i - 700, documents[i][0]);
        using var snapshot = store.Snapshot();
        var tables = tree.Tables(snapshot).ToList();
        var regions = new List<FileRegion>();
        try
        {
            var (sections, keys) = (new List<TextSection>(), new List<string[]>());
            foreach (var table in tables)
            {
                using var section = table.Sidecar("text")!;
                regions.Add(section.Map());
                sections.Add(new TextSection((byte*)regions[^1].Address, regions[^1].Length));
                keys.Add([.. Enumerable.Range(0, (int)table.Entries).Select(ordinal => Encoding.ASCII.GetString(table.ReadEntry(ordinal).Key))]);
            }

            sections.Add(TextSection.Of(tail, 200));
            keys.Add([.. Enumerable.Range(700, 200).Select(static i => $"{i:d4}")]);
            Assert.Equal((tables.Count, 900), (sections.Count - 1, sections.Sum(static section => section.Entries)));
            var oracle = new TextOracle(documents);
            foreach (var text in new[] { "a", "+ab b", "\"a b\"", "ab*", "abc~ -b" })
            {
                var query = TextQuery.Parse(text);
                var answer = new TextSearch(query, sections).Top(1_000);
                var expected = oracle.Search(query, 64).ToDictionary(static found => $"{found.Document:d4}", static found => found.Score);
                Assert.Equal(expected.Count, answer.Hits.Count);
                Assert.All(answer.Hits, hit => Assert.Equal(expected[keys[hit.Section][hit.Ordinal]], hit.Score, 1e-9));
            }
        }
        finally
        {
            regions.ForEach(static region => region.Dispose());
        }
    }

    /// <summary>The index of values that are text.</summary>
    private sealed class TextIndex : ISidecar
    {
        public string Name => "text";

        public ISidecarBuilder Begin(SidecarContext context) => new Builder();

        private sealed class Builder : ISidecarBuilder
        {
            private readonly TextBuilder _text = new();
            private int _entries;

            public void Add(in TableEntry entry)
            {
                if (!entry.IsTombstone) _text.Add((int)entry.Ordinal, Encoding.UTF8.GetString(entry.Value));
                _entries++;
            }

            public void Finish(SectionWriter section) => _text.Finish(section, _entries);
        }
    }
}
