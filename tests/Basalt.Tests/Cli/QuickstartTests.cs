using System.Diagnostics;
using System.Text.Json;
using Basalt.Cli.Quickstart;

namespace Basalt.Tests.Cli;

public sealed class QuickstartTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Every_command_that_the_quickstart_prints_can_be_repeated_with_the_same_result()
    {
        RequireData();
        var folder = _tool.PathOf("tour");
        var first = (await _tool.RunAsync("quickstart", "--dir", folder)).Done();
        var parts = first.Split("\n$ ./basalt ")[1..];
        Assert.True(parts.Length > 10, first);
        foreach (var part in parts)
        {
            var (line, result) = part.IndexOf('\n') is var end && end < 0 ? (part, "") : (part[..end], part[(end + 1)..]);
            var again = (await _tool.RunAsync(ShellWords.Split(line))).Done();
            // Only the sizes of files may have changed, that there is one more collection, and the statistics of texts, which count what was replaced until it is merged away.
            if (!line.StartsWith("collections", StringComparison.Ordinal) && !line.StartsWith("describe", StringComparison.Ordinal) && !line.Contains("--explain", StringComparison.Ordinal) && !line.StartsWith("index ", StringComparison.Ordinal) && !line.StartsWith("search", StringComparison.Ordinal)) Assert.StartsWith(again, result + "\n", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Quickstart_data_answers_as_the_data_sets_do()
    {
        RequireData();
        var folder = _tool.PathOf("tour");
        (await _tool.RunAsync("quickstart", "--dir", folder)).Done();
        using var movies = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(SampleSets.Find(), "movies.json")));
        var expected = movies.RootElement.EnumerateArray().Count(static m => m.GetProperty("Major Genre").ValueKind == JsonValueKind.String
            && m.GetProperty("Major Genre").GetString() == "Western" && !(m.GetProperty("IMDB Rating").ValueKind == JsonValueKind.Number && m.GetProperty("IMDB Rating").GetDouble() < 7));
        Assert.Equal($"{expected}\n", (await _tool.RunAsync("query", $"basalt:{folder}/db#movies", "--where", "genre = 'Western' and not rating < 7", "--count")).Done());
        Assert.Equal($"{movies.RootElement.GetArrayLength()}\n", (await _tool.RunAsync("query", $"basalt:{folder}/db#movies", "--count")).Done());
    }

    [Fact]
    public async Task Quickstart_runs_twice_but_empties_no_folder_of_others()
    {
        RequireData();
        var folder = _tool.PathOf("tour");
        (await _tool.RunAsync("quickstart", "--dir", folder)).Done();
        (await _tool.RunAsync("quickstart", "--dir", folder)).Done();
        var mine = _tool.Write("mine.txt", "precious");
        Assert.Equal(2, (await _tool.RunAsync("quickstart", "--dir", _tool.Folder)).ExitCode);
        Assert.True(File.Exists(mine));
    }

    [Fact]
    public async Task Quoted_words_come_back_from_the_shell_as_they_were()
    {
        const int Seed = 4711;
        var random = new Random(Seed);
        const string Alphabet = "ab -'\"$`\\!#*?;&|<>(){}[]~%=:/.,@é🎬\t";
        var words = Enumerable.Range(0, 300).Select(_ => string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => Alphabet[random.Next(Alphabet.Length)]))).Where(WellFormed.Is).ToArray();
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"printf '%s\\0' {ShellCommand.Line(words)}");
        using var bash = Process.Start(start)!;
        bash.StandardInput.Close();
        var echoed = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal(words, echoed.Split('\0')[..^1]);
    }

    private static void RequireData()
    {
        try
        {
            SampleSets.Find();
        }
        catch (BasaltException)
        {
            Assert.Skip("The sample data is not installed: npm ci.");
        }
    }
}

internal static class WellFormed
{
    public static bool Is(string text) => !text.Where((c, i) => char.IsLowSurrogate(c) ? i == 0 || !char.IsHighSurrogate(text[i - 1]) : char.IsHighSurrogate(c) && (i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))).Any();
}
