using System.Globalization;
using System.Text.Json;
using Basalt.Conformance;
using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Migration;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Search;
using Basalt.Vectors.Files;

namespace Basalt.Tests.Engine;

/// <summary>Films, and vectors made of their words, from two files that meet by their ids in one collection; searched under filters of any width, that go with the vectors or do not.</summary>
public sealed class RealCollectionTests : IDisposable
{
    private const int Dimension = 96;
    private const int K = 10;
    private static readonly double[] Shares = [0.001, 0.01, 0.1, 0.5];
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-real-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Two_files_of_films_become_one_collection_whose_filtered_searches_find_what_is_nearest()
    {
        var films = Repository.Path("node_modules", "vega-datasets", "data", "movies.json");
        if (!File.Exists(films)) Assert.Skip("The sample data is not installed (npm ci).");
        var (vectors, records) = Prepare(films);
        await using var fixture = await EngineFixture.OpenAsync(256 << 10);
        var things = fixture.Database.Collection("films");
        await using (var source = RecordSource.Open(vectors, RecordFormat.Fvecs, new SourceOptions { VectorField = "words" })) await Importer.RunAsync(source, things, cancellationToken: Cancel);
        await things.CreateIndexAsync(new IndexDefinition(IndexKind.Vector, FieldPath.Parse("words")) { Dimension = Dimension, Method = VectorMethod.Hnsw }, Cancel);
        foreach (var path in new[] { "\"IMDB Votes\"", "\"Major Genre\"", "likeness" }) await things.CreateIndexAsync(new IndexDefinition(IndexKind.Scalar, FieldPath.Parse(path)), Cancel);
        var options = new ImportOptions { IdField = "row", OnConflict = ConflictPolicy.Merge };
        await using (var source = RecordSource.Open(records)) await Importer.RunAsync(source, things, options, cancellationToken: Cancel);
        await things.SettleIndexesAsync(null, Cancel);

        var all = new List<Record>();
        await foreach (var record in things.StreamAsync(Query.All, Cancel)) all.Add(record);
        Assert.True(all.Count > 3000 && all.TrueForAll(static record => record["words"].Kind == ValueKind.Vector && record.Fields.ContainsKey("Title")));
        foreach (var field in new[] { "\"IMDB Votes\"", "likeness" })
        foreach (var share in Shares)
        {
            // The so many records with the greatest value: by votes anywhere among the vectors, by likeness together in one corner of them.
            var path = FieldPath.Parse(field);
            var values = all.Select(record => path.Resolve(record)).Where(static value => !value.IsNull).OrderDescending().ToList();
            await FindsAsync(things, all, Filter.Parse($"{field} >= {values[(int)(share * all.Count)]}"), $"{field}, {share:P1}");
        }

        await FindsAsync(things, all, Filter.Parse("\"Major Genre\" = 'Western'"), "westerns");
        await FindsAsync(things, all, Filter.True, "all");
    }

    private static async Task FindsAsync(Collection things, List<Record> all, Filter filter, string about)
    {
        var matching = all.FindAll(filter.Matches);
        var (found, wanted, plan) = (0, 0, "");
        for (var i = 0; i < all.Count; i += all.Count / 60)
        {
            var query = all[i]["words"].AsVector;
            var answer = await things.SearchAsync(new SearchRequest { Vector = query, K = K, Filter = filter }, Cancel);
            var exact = matching.Select(record => ScanSearch.Distance(query.Span, record["words"].AsVector.Span, VectorMetric.Cosine)).Order().Take(K).ToList();
            Assert.True(answer.Hits.Count == exact.Count, $"{about}: {answer.Hits.Count} for {exact.Count}");
            Assert.All(answer.Hits, hit => Assert.True(filter.Matches(hit.Record), about));
            // Films of the same words are at the same distance.
            found += answer.Hits.Count(hit => hit.Distance <= exact[^1] + 1e-5);
            wanted += exact.Count;
            plan = answer.Plan.ToString();
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{about}: {matching.Count} match, recall {found / (double)wanted:0.000}; {plan}");
        Assert.True(found >= 0.95 * wanted, $"{about}: recall {found / (double)wanted:0.000} of {matching.Count}: {plan}");
    }

    /// <summary>A file of vectors, a row for each film, and one of records with the number of the row that the first import gives as an id.</summary>
    private (string Vectors, string Records) Prepare(string films)
    {
        var (vectors, records) = (Path.Combine(_folder, "films.fvecs"), Path.Combine(_folder, "films.jsonl"));
        using var document = JsonDocument.Parse(File.ReadAllText(films));
        var all = document.RootElement.EnumerateArray().ToList();
        var digits = all.Count.ToString(CultureInfo.InvariantCulture).Length;
        using var stream = File.Create(vectors);
        using var lines = File.CreateText(records);
        var writer = new VecsWriter(stream, VecsFormat.Float32);
        var first = Vector(all[0]);
        for (var row = 0; row < all.Count; row++)
        {
            var vector = Vector(all[row]);
            writer.Write(vector);
            var likeness = Math.Round(1 - ScanSearch.Distance(vector, first, VectorMetric.Cosine), 6);
            var fields = string.Join(',', all[row].EnumerateObject().Select(static property => $"{JsonSerializer.Serialize(property.Name)}:{property.Value.GetRawText()}"));
            lines.Write($$"""{"row":"{{row.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0')}}","likeness":{{likeness.ToString("R", CultureInfo.InvariantCulture)}},{{fields}}}""" + "\n");
        }

        return (vectors, records);
    }

    /// <summary>The words of title, genre, director and kind, each thrown at three places by its own hash (feature hashing: Weinberger et al. 2009).</summary>
    private static float[] Vector(JsonElement film)
    {
        var vector = new float[Dimension];
        vector[0] = 0.25f;
        foreach (var name in new[] { "Title", "Major Genre", "Director", "Creative Type", "Source" })
        foreach (var word in (film.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "").ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var random = new Generator(word.Aggregate(17, static (hash, letter) => unchecked(hash * 31 + letter)) & 0x7FFFFFFF);
            for (var i = 0; i < 3; i++) vector[random.Next(Dimension)] += random.Next(2) == 0 ? -1 : 1;
        }

        return vector;
    }
}
