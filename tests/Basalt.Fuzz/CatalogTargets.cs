using System.Text;
using Basalt.Catalog.Metadata;
using Basalt.Catalog.Statistics;

namespace Basalt.Fuzz;

/// <summary>Chunks of series.</summary>
public sealed class FragmentTarget : FuzzTarget
{
    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            var writer = new FragmentWriter();
            var time = new DateTime(2014, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
            foreach (var name in new[] { "", "a/1", "a/2", "b%2Fc/%-" })
            {
                var tally = new SeriesTally();
                for (var i = 0; i < name.Length + 1; i++) tally.See(time + (i * TimeSpan.TicksPerHour));
                tally.See();
                writer.Add(Encoding.UTF8.GetBytes(name), tally);
            }

            return [writer.Take()];
        }
    }

    protected override bool IsRefusal(Exception exception) => exception is InvalidDataException;

    protected override void Decode(byte[] input)
    {
        var reader = new FragmentReader(input);
        var last = "";
        while (reader.Read())
        {
            var name = Convert.ToHexString(reader.Name);
            Assert.True(last.Length == 0 || string.CompareOrdinal(last, name) < 0);
            Assert.InRange(reader.Tally.Timed, 0, reader.Tally.Rows);
            last = name;
        }
    }
}

/// <summary>Metadata files of datasets.</summary>
public sealed class MetadataTarget : FuzzTarget
{
    protected override IReadOnlyList<string> Corpus =>
    [
        "name: a\nts_id:\n  - name: k\n    type: str\ntargets: [x, {name: y, type: num}]\ncovariates:\n  hist: []\n  future:\n    - z\ndescription: 'b\n  c: d'\n",
        "target: x\nitem_id: {type: str}\ncovariates: [a]\nmetadata:\n  source: s\n  type: ~\n",
    ];

    protected override IReadOnlyList<string> Tokens => ["name", "ts_id", ":", "- ", "[", "]", "{", "}", "'", "\"", "&a", "*a", "!!str", "|\n", ">\n", "---\n", "...", "#", "?", "%YAML 1.2\n", "\n  ", "<<", "~"];

    protected override bool IsRefusal(Exception exception) => exception is BasaltException { Code: ErrorCode.InvalidData };

    protected override void Decode(byte[] input) => MetadataReader.Read(input, "m.yaml");
}
