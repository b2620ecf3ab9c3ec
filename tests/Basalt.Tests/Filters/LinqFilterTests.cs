using System.Linq.Expressions;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Schemas;
using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Xunit;

namespace Basalt.Tests.Filters;

public sealed class LinqFilterTests
{
    public enum Genre
    {
        Drama,
        Comedy,
        Horror,
    }

    public sealed class Place
    {
        public string City { get; set; } = "";

        [Column("post code")]
        public int? PostCode { get; set; }
    }

    public sealed class Film
    {
        [Key]
        public string Key { get; set; } = "";

        [Column("title")]
        public string Title { get; set; } = "";

        public string? Note { get; set; }

        public int Year { get; set; }

        public short Rank { get; set; }

        public double Score { get; set; }

        public decimal Price { get; set; }

        public bool IsOut { get; set; }

        public bool? Seen { get; set; }

        public int? Votes { get; set; }

        public char Grade { get; set; } = 'a';

        public Genre Genre { get; set; }

        public Genre? Second { get; set; }

        public DateTime Released { get; set; }

        public DateOnly Day { get; set; }

        public Guid Code { get; set; }

        public string[] Tags { get; set; } = [];

        public List<int> Marks { get; set; } = [];

        public Dictionary<string, int> Counts { get; set; } = [];

        public Place Place { get; set; } = new();

        public float[] Face { get; set; } = [1];

        public int Computed => Year + 1;
    }

    public sealed class Numbered
    {
        public int Id { get; set; }
    }

    private static readonly string[] Names = ["a", "b"];

    public static TheoryData<Expression<Func<Film, bool>>, string> Translations
    {
        get
        {
            var year = 1990;
            string? nothing = null;
            var list = new List<Genre> { Genre.Drama, Genre.Horror };
            var votes = new int?[] { 1, null };
            var released = new DateTime(2024, 5, 1, 12, 0, 0, DateTimeKind.Utc);
            return new()
            {
                { f => f.Year == 1990, "Year = 1990" },
                { f => f.Year != year, "Year != 1990" },
                { f => year < f.Year, "Year > 1990" },
                { f => year <= f.Year && 2000 >= f.Year, "Year >= 1990 and Year <= 2000" },
                { f => f.Year > year - 5 || f.Rank < 3, "Year > 1985 or Rank < 3" },
                { f => !(f.Year > 1), "not Year > 1" },
                { f => f.IsOut, "IsOut = true" },
                { f => !f.IsOut, "not IsOut = true" },
                { f => f.IsOut == false, "IsOut = false" },
                { f => f.Seen == true, "Seen = true" },
                { f => f.Seen!.Value, "Seen = true" },
                { f => f.Seen ?? false, "Seen = true" },
                { f => f.Seen ?? true, "not Seen = false" },
                { f => (f.Year > 5) == true, "Year > 5" },
                { f => (f.Year > 5) != true, "not Year > 5" },
                { f => f.Note == null, "Note is null" },
                { f => f.Note != nothing, "Note is not null" },
                { f => nothing == f.Note, "Note is null" },
                { f => f.Votes.HasValue, "Votes is not null" },
                { f => !f.Votes.HasValue, "not Votes is not null" },
                { f => f.Votes > 5, "Votes > 5" },
                { f => f.Votes!.Value == 5, "Votes = 5" },
                { f => f.Title.StartsWith("Al"), "title starts with 'Al'" },
                { f => f.Title.EndsWith("en", StringComparison.Ordinal), "title ends with 'en'" },
                { f => f.Title.Contains("li"), "title contains 'li'" },
                { f => f.Title.Contains('l'), "title contains 'l'" },
                { f => f.Title.Contains(@"5%_\", StringComparison.OrdinalIgnoreCase), @"title ilike '%5\%\_\\%'" },
                { f => f.Title.StartsWith("Al", StringComparison.OrdinalIgnoreCase), "title ilike 'Al%'" },
                { f => f.Title.Equals("alien", StringComparison.OrdinalIgnoreCase), "title ilike 'alien'" },
                { f => string.Equals("alien", f.Title, StringComparison.OrdinalIgnoreCase), "title ilike 'alien'" },
                { f => string.Equals(f.Title, "Alien"), "title = 'Alien'" },
                { f => f.Title.Equals("Alien", StringComparison.Ordinal), "title = 'Alien'" },
                { f => f.Title.Equals("Alien"), "title = 'Alien'" },
                { f => f.Year.Equals(5), "Year = 5" },
                { f => string.IsNullOrEmpty(f.Note), "Note is null or Note = ''" },
                { f => Names.Contains(f.Title), "title in ('a', 'b')" },
                { f => new[] { 1, 2 }.Contains(f.Year), "Year in (1, 2)" },
                { f => new List<string> { "x" }.Contains(f.Title), "title in ('x')" },
                { f => new HashSet<string> { "x" }.Contains(f.Title), "title in ('x')" },
                { f => list.Contains(f.Genre), "Genre in ('Drama', 'Horror')" },
                { f => votes.Contains(f.Votes), "Votes in (1) or Votes is null" },
                { f => !Names.Contains(f.Title), "not title in ('a', 'b')" },
                { f => f.Tags.Contains("t"), "Tags has any ('t')" },
                { f => f.Marks.Contains(5), "Marks has any (5)" },
                { f => f.Tags.Any(t => t == "t" || "u" == t), "Tags has any ('t', 'u')" },
                { f => f.Tags.Any(t => Names.Contains(t)), "Tags has any ('a', 'b')" },
                { f => Names.Any(n => f.Tags.Contains(n)), "Tags has any ('a', 'b')" },
                { f => Names.All(n => f.Tags.Contains(n)), "Tags has all ('a', 'b')" },
                { f => f.Genre == Genre.Comedy, "Genre = 'Comedy'" },
                { f => Genre.Comedy != f.Genre, "Genre != 'Comedy'" },
                { f => f.Second == Genre.Comedy, "Second = 'Comedy'" },
                { f => f.Second == null, "Second is null" },
                { f => f.Grade == 'b', "Grade = 'b'" },
                { f => f.Score > 1, "Score > 1.0" },
                { f => f.Year > 1.5, "Year > 1.5" },
                { f => f.Price < 2.50m, "Price < 2.50m" },
                { f => f.Released >= released, "Released >= 2024-05-01T12:00:00Z" },
                { f => f.Day == new DateOnly(2024, 5, 1), "Day = 2024-05-01T00:00:00Z" },
                { f => f.Code == Guid.Empty, "Code = guid '00000000-0000-0000-0000-000000000000'" },
                { f => f.Place.City == "Rome", "Place.City = 'Rome'" },
                { f => f.Place.PostCode > 5, "Place.\"post code\" > 5" },
                { f => f.Place == null, "Place is null" },
                { f => f.Counts["a b"] > 5, "Counts.\"a b\" > 5" },
                { f => f.Key == "k", "$id = 'k'" },
                { f => Names.Contains(f.Key), "$id in ('a', 'b')" },
                { f => true, "true" },
                { f => f.IsOut && year > 5, "IsOut = true" },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Translations), DisableDiscoveryEnumeration = true)]
    public void Predicate_becomes_the_filter(Expression<Func<Film, bool>> predicate, string text) => Assert.Equal(text, Filter.Of(predicate).ToString());

    public static TheoryData<Expression<Func<Film, bool>>, string> Refusals
    {
        get
        {
            var film = new Film();
            int? none = null;
            var set = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "x" };
            return new()
            {
                { f => f.Title.Length > 3, "Length" },
                { f => f.Year == f.Rank, "two members" },
                { f => f.Year + 1 == 5, "+" },
                { f => f.Computed == 5, "Computed" },
                { f => (int)f.Score == 5, "Convert" },
                { f => (byte)f.Year == 5, "Convert" },
                { f => f.Title.Trim() == "A", "Trim" },
                { f => f.Title.StartsWith("a", StringComparison.CurrentCulture), "culture" },
                { f => f.Title.Contains("al", StringComparison.InvariantCultureIgnoreCase), "culture" },
                { f => set.Contains(f.Title), "comparer" },
                { f => Names.Contains(f.Title, StringComparer.OrdinalIgnoreCase), "comparer" },
                { f => f.Genre > Genre.Drama, "enum" },
                { f => f.Face == film.Face, "Face" },
                { f => f.Tags.Any(t => t.Length > 1), "Length" },
                { f => f.Tags.Contains(null), "null" },
                { f => f.Tags.All(t => t == "a"), "All" },
                { f => f.Votes < none, "null" },
                { f => f.Released.Year == 5, "Year" },
                { f => f.IsOut ? f.Year > 1 : f.Year > 2, "IIF" },
                { f => f.IsOut ^ f.Seen!.Value, "^" },
                { f => f.Place.Equals(film.Place), "Place" },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Refusals), DisableDiscoveryEnumeration = true)]
    public void Predicate_without_an_equal_is_refused_by_name(Expression<Func<Film, bool>> predicate, string mentions) =>
        Assert.Contains(mentions, Assert.Throws<NotSupportedException>(() => Filter.Of(predicate)).Message);

    [Fact]
    public void Integer_id_is_compared_as_the_id_and_ordered_as_a_field()
    {
        Assert.Equal("$id = '5'", Filter.Of<Numbered>(n => n.Id == 5).ToString());
        Assert.Equal("Id > 5", Filter.Of<Numbered>(n => n.Id > 5).ToString());
        Assert.True(Filter.Of<Numbered>(n => n.Id > 5).Matches(Mapper<Numbered>.Default.ToRecord(new Numbered { Id = 10 })));
    }

    [Fact]
    public void Filter_agrees_with_the_compiled_predicate_on_data_without_nulls()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var mapper = Mapper<Film>.Default;
        var day = new DateTime(2024, 5, 1, 0, 0, 0, DateTimeKind.Utc);
        for (var i = 0; i < 300; i++)
        {
            int n = random.Next(6), m = random.Next(6);
            var text = Pick();
            var genre = (Genre)random.Next(3);
            Expression<Func<Film, bool>>[] predicates =
            [
                f => f.Year == n, f => f.Year != n && f.Rank >= m, f => n > f.Year || f.Score < m, f => !(f.Price <= n / 2m), f => f.IsOut,
                f => f.Title.StartsWith(text), f => f.Title.EndsWith(text), f => f.Title.Contains(text, StringComparison.OrdinalIgnoreCase), f => f.Title == text,
                f => new[] { n, m }.Contains(f.Year), f => f.Tags.Contains(text), f => f.Tags.Any(t => t == text), f => Names.All(x => f.Tags.Contains(x)), f => f.Genre == genre,
                f => f.Genre != genre, f => f.Votes > n, f => f.Seen == true, f => f.Seen ?? false, f => f.Released > day.AddDays(n), f => f.Place.City == text, f => f.Place.PostCode == n,
                f => f.Grade == 'b', f => f.Day <= DateOnly.FromDateTime(day).AddDays(m), f => f.Key == text, f => f.Marks.Contains(n), f => f.Votes.HasValue && f.Note != null,
            ];
            var film = new Film
            {
                Key = "k" + Pick(), Title = Pick(), Note = Pick(), Year = random.Next(6), Rank = (short)random.Next(6), Score = random.Next(12) / 2.0, Price = random.Next(12) / 4m,
                IsOut = random.Next(2) == 0, Seen = random.Next(2) == 0, Votes = random.Next(6), Grade = (char)('a' + random.Next(3)), Genre = (Genre)random.Next(3), Second = Genre.Drama,
                Released = day.AddDays(random.Next(6)), Day = DateOnly.FromDateTime(day).AddDays(random.Next(6)), Tags = [Pick(), Pick(), "a"], Marks = [random.Next(6)],
                Place = new Place { City = Pick(), PostCode = random.Next(6) },
            };
            var record = mapper.ToRecord(film);
            foreach (var predicate in predicates)
            {
                var filter = Filter.Of(predicate);
                Assert.True(predicate.Compile()(film) == filter.Matches(record), $"seed {seed}: {predicate} as {filter} on {record}");
            }
        }

        string Pick() => new[] { "", "a", "b", "ab", "Ab", "ba%", "ü" }[random.Next(7)];
    }

    [Fact]
    public void Comparisons_are_false_on_null_and_not_is_the_complement()
    {
        var record = new Record { ["Votes"] = Value.Null };
        Assert.False(Filter.Of<Film>(f => f.Votes != 5).Matches(record));
        Assert.True(Filter.Of<Film>(f => !(f.Votes == 5)).Matches(record));
        Assert.False(Filter.Of<Film>(f => f.Title != "x").Matches(record));
    }
}
