using Basalt.DuckDb.Native;

namespace Basalt.Cli.Quickstart;

/// <summary>One stop of the tour: what it shows, and the command that shows it.</summary>
internal sealed record Stop(string Text, params string[] Command);

/// <summary>What the quickstart shows, in order. Every command can be repeated as it is printed: writes replace what they wrote before.</summary>
internal sealed class Tour(string data, string folder)
{
    /// <summary>Names, an id and fewer fields for the movies.</summary>
    public const string TidyTransform = """
        {
          "rename": {
            "Title": "title", "\"Release Date\"": "released", "\"Major Genre\"": "genre", "Director": "director",
            "\"IMDB Rating\"": "rating", "\"IMDB Votes\"": "votes", "\"Worldwide Gross\"": "gross"
          },
          "convert": { "title": "string" },
          "compute": { "key": "concat(title, ' (', released, ')')" },
          "keep": ["key", "title", "released", "genre", "director", "rating", "votes", "gross"]
        }

        """;

    /// <summary>Hot days, also in degrees Fahrenheit.</summary>
    public const string HotTransform = """
        {
          "where": "temp_max >= 30",
          "compute": { "fahrenheit": "round(temp_max * 1.8 + 32, 1)" },
          "keep": ["date", "temp_max", "fahrenheit", "weather"]
        }

        """;

    public string TidyFile { get; } = Path.Combine(folder, "files", "tidy.json");

    public string HotFile { get; } = Path.Combine(folder, "files", "hot.json");

    private string Database => $"basalt:{Path.Combine(folder, "db")}";

    private string Movies => $"{Database}#movies";

    private string Weather => $"{Database}#weather";

    private string Airports => $"{Database}#airports";

    private string Neurites => $"{Database}#neurites";

    private string SnowFile => Path.Combine(folder, "files", "snow.csv");

    /// <summary>The stops; SQL is one where DuckDB's library is installed.</summary>
    public IEnumerable<Stop> Stops => [.. First, .. DuckDbLibrary.Problem is null ? Sql : [], .. Last];

    private IEnumerable<Stop> Sql =>
    [
        new("SQL over any collection: the filter runs where the movies are, the rest in DuckDB.",
            "sql", "SELECT genre, count(*) AS films, round(avg(rating), 2) AS liked FROM m WHERE votes > 1000 GROUP BY genre ORDER BY films DESC, genre LIMIT 5", "--attach", $"m={Movies}"),
    ];

    private IEnumerable<Stop> First =>
    [
        new($"Bring in 3,201 movies. {TidyFile} says how: it renames fields, computes a key and drops the rest.",
            "import", Path.Combine(data, "movies.json"), Movies, "--transform", TidyFile, "--id-field", "key", "--on-conflict", "upsert"),
        new("Two CSV files: four years of weather in Seattle, and the airports of the United States. Types come from the data.",
            "import", Path.Combine(data, "seattle-weather.csv"), Weather, "--id-field", "date", "--on-conflict", "upsert"),
        new("", "import", Path.Combine(data, "airports.csv"), Airports, "--id-field", "iata", "--on-conflict", "upsert"),
        new("What is there now.", "collections", Database),
        new("And what the movies look like.", "describe", Movies),
        new("Filter, sort, select: the best liked dramas and comedies that many people voted on.",
            "query", Movies, "--where", "rating >= 8.5 and votes > 100000 and genre in ('Drama', 'Comedy')", "--sort", "-rating,title", "--select", "title,released,rating,votes", "--limit", "8"),
        new("Any file is a collection as it stands: the thriftiest cars of Europe and the USA.",
            "query", $"file:{Path.Combine(data, "cars.json")}", "--where", "Miles_per_Gallon > 35 and Origin in ('Europe', 'USA')", "--sort", "-Miles_per_Gallon", "--select", "Name,Miles_per_Gallon,Horsepower,Origin", "--limit", "5"),
        new("Text patterns and nulls: what earned much, though nobody wrote down who made it.",
            "query", Movies, "--where", "director is null and gross > 500000000 and not title like 'The %'", "--sort", "-gross", "--select", "title,gross", "--limit", "5"),
        new("Count without printing: 'not' is the exact complement, so a western that nobody rated counts, too.", "query", Movies, "--where", "genre = 'Western' and not rating < 7", "--count"),
        new("An index of the words in the titles, and a search by it: best first, one typo forgiven.", "index", "create", Movies, "title", "--kind", "text", "--wait"),
        new("", "search", Movies, "--text", "star wras~ -trek", "--where", "votes > 1000", "--select", "title,released,rating", "-k", "5"),
        new("An index of the genres: filters use it by themselves.", "index", "create", Movies, "genre", "--kind", "scalar", "--wait"),
        new("", "index", "list", Movies),
        new("How a query runs, before it runs.", "query", Movies, "--where", "genre = 'Western'", "--sort", "-rating", "--limit", "3", "--explain"),
    ];

    private IEnumerable<Stop> Last =>
    [
        new("One record by its id.", "get", Airports, "SEA", "--format", "json"),
        new("The days of snow go to a CSV file ...", "export", Weather, SnowFile, "--where", "weather = 'snow'", "--overwrite"),
        new("... which is itself a collection.", "query", $"file:{SnowFile}", "--where", "precipitation > 10", "--sort", "-precipitation", "--select", "date,precipitation,temp_min", "--limit", "5"),
        new($"Copy with a transform ({HotFile}): hot days, with degrees Fahrenheit.", "copy", Weather, $"{Database}#hot", "--transform", HotFile, "--on-conflict", "upsert"),
        new("", "query", $"{Database}#hot", "--sort", "-fahrenheit", "--limit", "5", "--format", "jsonl"),
        new("Labelled points: a small sample of neurites, how many of them lie in a box, and which are nearest to its middle.", "points", "generate", Neurites, "--n", "50000", "--labels", "100"),
        new("", "points", "count", Neurites, "--box", "0,0,0:63,63,63"),
        new("", "points", "nearest", Neurites, "32,32,32", "-k", "3"),
        new("Is all of it whole? Every checksum, every record, every index.", "verify", Path.Combine(folder, "db")),
    ];
}
