using System.Globalization;
using Basalt.Records;

namespace Basalt.Migration;

/// <summary>Vectors as text: <c>[1, 2.5]</c>, <c>1 2.5</c> or <c>1;2.5</c>.</summary>
internal static class VectorText
{
    private static readonly char[] Separators = [',', ';', ' ', '\t', '\n', '\r'];

    /// <summary>Whether the text is one or more finite numbers and nothing else; each becomes the nearest float32.</summary>
    public static bool TryParse(string text, out Value vector)
    {
        vector = default;
        var inner = text.Trim();
        if (inner is ['[', .., ']']) inner = inner[1..^1];
        var components = new List<float>();
        foreach (var part in inner.Split(Separators, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var component) || !float.IsFinite(component)) return false;
            components.Add(component);
        }

        if (components.Count == 0) return false;
        vector = Value.OwnVector([.. components]);
        return true;
    }
}
