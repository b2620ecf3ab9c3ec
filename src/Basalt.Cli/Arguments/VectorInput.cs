using System.Text.Json;
using Basalt.Vectors.Files;

namespace Basalt.Cli.Arguments;

/// <summary>Reads a vector from the command line: a JSON array of numbers, or <c>@FILE</c> with one, or whose first row is it (.fvecs, .bvecs).</summary>
internal static class VectorInput
{
    /// <summary>The vector that a text says; null for null.</summary>
    public static async Task<ReadOnlyMemory<float>?> ReadAsync(string? text, CancellationToken cancellationToken)
    {
        if (text is null) return null;
        if (text is not ['@', .. var path]) return Parse(text) ?? throw new UsageException("--vector takes a JSON array of finite numbers, such as '[0.1, 0.2]', or @FILE.");
        if (path.Length == 0) throw new UsageException("--vector @FILE names no file.");
        if (path.EndsWith(".fvecs", StringComparison.OrdinalIgnoreCase)) return First(path, VecsFormat.Float32);
        if (path.EndsWith(".bvecs", StringComparison.OrdinalIgnoreCase)) return First(path, VecsFormat.Byte);
        return Parse(await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false)) ?? throw Invalid(path, "is not a JSON array of finite numbers", null);
    }

    private static float[]? Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Array || document.RootElement.GetArrayLength() == 0) return null;
            var vector = new float[document.RootElement.GetArrayLength()];
            var i = 0;
            foreach (var item in document.RootElement.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.Number || !item.TryGetSingle(out vector[i]) || !float.IsFinite(vector[i++])) return null;
            }

            return vector;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static float[] First(string path, VecsFormat format)
    {
        using var stream = File.OpenRead(path);
        try
        {
            var reader = new VecsReader(stream, format);
            var vector = new float[reader.Dimension];
            return reader.Dimension > 0 && reader.Read(vector) ? vector : throw Invalid(path, "holds no vector", null);
        }
        catch (InvalidDataException e)
        {
            throw Invalid(path, $"is not a file of vectors: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static BasaltException Invalid(string path, string problem, Exception? cause) => new(ErrorCode.InvalidData, $"'{path}' {problem}.", cause) { Target = path };
}
