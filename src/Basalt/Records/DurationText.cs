using System.Globalization;

namespace Basalt.Records;

/// <summary>The one text form of lengths of time, in options, schemas and commands: a whole number and a unit, such as <c>500ms</c>, <c>30s</c>, <c>15m</c>, <c>12h</c> and <c>7d</c>.</summary>
public static class DurationText
{
    /// <summary>What is to be written, for messages.</summary>
    public const string Form = "a whole number and ms, s, m, h or d, such as 30s or 7d";

    // The longest first: the first that divides a length is the one that it is written in.
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)), ("m", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1)), ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    /// <summary>Reads a length above zero; false when it is none, or longer than can be.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (text is null) return false;
        var digits = text.AsSpan().TrimEnd("dhms");
        var unit = text[digits.Length..];
        var length = Array.Find(Units, each => each.Unit == unit).Length;
        if (length == default || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0 || count > TimeSpan.MaxValue.Ticks / length.Ticks) return false;
        duration = length * count;
        return true;
    }

    /// <summary>The text of a length of whole milliseconds above zero, which <see cref="TryParse"/> reads.</summary>
    public static string Format(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        foreach (var (unit, length) in Units)
            if (duration.Ticks % length.Ticks == 0) return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / length.Ticks}{unit}");
        throw new ArgumentException($"{duration} is not of whole milliseconds.", nameof(duration));
    }
}
