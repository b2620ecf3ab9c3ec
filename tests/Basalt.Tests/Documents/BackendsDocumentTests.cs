using System.Text;
using Basalt.Backends;
using Basalt.Backends.Files;
using Basalt.Backends.Memory;
using Basalt.Cli;
using Basalt.DuckDb;
using Basalt.Engine;

namespace Basalt.Tests.Documents;

/// <summary>docs/backends.md is generated from the declarations, so that a weaker promise shows in review. BASALT_REWRITE=1 rewrites it.</summary>
public sealed class BackendsDocumentTests
{
    private static readonly Capabilities[] Declared = [MemoryBackend.Declared, FileBackend.Declared, EngineBackend.Declared, DuckDbBackend.Declared];

    [Fact]
    public void The_document_says_what_the_backends_declare()
    {
        var path = Repository.Path("docs", "backends.md");
        var text = Generate();
        if (Environment.GetEnvironmentVariable("BASALT_REWRITE") == "1") File.WriteAllText(path, text);
        Assert.Equal(text, File.ReadAllText(path));
    }

    [Fact]
    public void Every_scheme_of_the_library_is_in_the_document() =>
        Assert.Equal(BasaltTool.Backends.Schemes.Select(static s => s.Name), Declared.Select(static d => d.Scheme));

    private static string Generate()
    {
        var text = new StringBuilder("""
            # Backends

            Generated from what the code declares (`BASALT_REWRITE=1 ./test Basalt.Tests` rewrites this page). What a backend does not declare, the door does itself or refuses before any I/O.


            """);
        var properties = typeof(Capabilities).GetProperties().Where(static p => p.Name is not ("Scheme" or "EqualityContract")).ToList();
        text.Append("| | ").AppendJoin(" | ", Declared.Select(static d => $"`{d.Scheme}:`")).Append(" |\n|---|").Insert(text.Length, "---|", Declared.Length).Append('\n');
        foreach (var property in properties)
            text.Append($"| {property.Name} | ").AppendJoin(" | ", Declared.Select(d => Print(property.GetValue(d)))).Append(" |\n");
        text.Append("\nAddresses:\n\n");
        foreach (var scheme in BasaltTool.Backends.Schemes) text.Append($"- `{scheme.Example}`: {scheme.Description}\n");
        return text.ToString();
    }

    private static string Print(object? value) => value switch { true => "yes", false => "no", null => "no limit", _ => value.ToString()! };
}
