namespace Basalt.Tests.Cli;

/// <summary>One file, imported into either backend, answers every question alike.</summary>
public sealed class SameAnswersTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    public static TheoryData<string, string> Files => new()
    {
        { "people.csv", "key,name,age,zip,joined\n1,\"Ann \"\"A\"\"\",33,01234,2024-01-05T10:00:00Z\n2,Böb,,90210,2024-02-05T10:00:00+01:00\n3,\"C\nd\",41,00001,\n" },
        { "people.json", """[{"key":1,"name":"Ann","age":33.5,"tags":["a","b"]},{"key":"2","name":null,"age":"old","nested":{"zip":"01234"}},{"key":3,"age":12345678901234567890}]""" },
        { "people.jsonl", "{\"key\":10,\"name\":\"Ann\",\"age\":1}\n{\"key\":9,\"name\":\"😀\",\"age\":true}\n\n{\"key\":8}\n" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_file_that_nobody_prepared_answers_alike_on_both_backends(string name, string content)
    {
        var file = _tool.Write(name, content);
        string[] stores = ["memory:#p", $"file:{_tool.PathOf("jsonl")}#p", $"file:{_tool.PathOf("p.csv")}", $"file:{_tool.PathOf("p.json.gz")}"];
        foreach (var store in stores) (await _tool.RunAsync("import", file, store, "--id-field", "key")).Done();
        string[][] questions =
        [
            [], ["--count"], ["--where", "age > 5"], ["--where", "age > 5", "--count"], ["--where", "not age > 5", "--sort", "-age,name"], ["--where", "name is null", "--select", "key,age"],
            ["--where", "name like '%n%' or nested.zip starts with '0' or tags has 'b'"], ["--sort", "name", "--offset", "1", "--limit", "1"], ["--where", "age in (33, 1, true, 'old')", "--sort", "-$id"],
        ];
        foreach (var question in questions)
        {
            var answers = new List<string>();
            foreach (var store in stores) answers.Add((await _tool.RunAsync(["query", store, .. question, .. question.Contains("--count") ? Array.Empty<string>() : ["--format", "json"]])).Done());
            Assert.True(answers.Distinct().Count() == 1, $"{string.Join(' ', question)}:\n{string.Join("\n", answers)}");
        }

        foreach (var store in stores) Assert.Contains("pushed    age > 5", (await _tool.RunAsync("query", store, "--where", "age > 5", "--explain")).Done(), StringComparison.Ordinal);
    }
}
