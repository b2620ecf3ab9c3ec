using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Basalt.PointClouds.Reading;
using Basalt.Records;

namespace Basalt.Cli.Arguments;

/// <summary>Which points: the options that the commands of clouds share.</summary>
internal sealed class PointOptions
{
    private readonly Option<ulong[]> _label = Labels("--label", "Only points of this label; given several times, of any of them");
    private readonly Option<Box?> _box = BoxOption("--box");
    private readonly Option<Ball?> _ball = new("--ball") { Description = "Only points at most so far from a place, as x,y,z:radius", HelpName = "BALL", CustomParser = ParseBall };
    private readonly Option<string?> _block = new("--block") { Description = "Only points of this block", HelpName = "ID" };
    private readonly NumberOption _asOf = new("--as-of", "Labels as they were after so many edits; after all of them unless given");
    private readonly Option<bool> _timing = new("--timing") { Description = "Tell on stderr where the time went" };

    /// <summary>The options, to be added to a command.</summary>
    public IEnumerable<Option> All => [_label, _box, _ball, _block, _asOf, _timing];

    /// <summary>One label that is required.</summary>
    public static Option<ulong> Label(string name, string description) => new(name) { Description = description, HelpName = "LABEL", Required = true, CustomParser = static result => ParseLabel(result, result.Tokens[0].Value) };

    /// <summary>A label as an argument.</summary>
    public static Argument<ulong> LabelArgument(string name, string description) => new(name) { Description = description, CustomParser = static result => ParseLabel(result, result.Tokens[0].Value) };

    public static Option<ulong[]> Labels(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "LABEL",
        CustomParser = static result => [.. result.Tokens.Select(token => ParseLabel(result, token.Value))],
    };

    public static Option<Box?> BoxOption(string name) => new(name) { Description = "Only points in a box, both ends included, as x0,y0,z0:x1,y1,z1", HelpName = "BOX", CustomParser = ParseBox };

    /// <summary>A place: numbers with commas between.</summary>
    public static Argument<Value[]> Place() => new("PLACE") { Description = "The place, as x,y,z; after -- where it starts with a hyphen", CustomParser = static result => ParseNumbers(result, result.Tokens[0].Value) ?? [] };

    public PointQuery Query(ParseResult arguments) => new()
    {
        Labels = arguments.GetResult(_label) is { Implicit: false } ? arguments.GetValue(_label) : null,
        Box = arguments.GetValue(_box),
        Ball = arguments.GetValue(_ball),
        Block = arguments.GetValue(_block),
        AsOf = arguments.GetValue(_asOf) is { } edits ? edits <= int.MaxValue ? (int)edits : throw new UsageException($"There are no {edits} edits.") : null,
        Timing = arguments.GetValue(_timing) ? new ReadTiming() : null,
    };

    /// <summary>Tells where the time of a query went, if that was asked for.</summary>
    public static void Tell(PointQuery query, TextWriter error)
    {
        if (query.Timing is not { } timing) return;
        error.WriteLine($"{timing.Total.TotalMilliseconds:N2} ms in all: {timing.Query.TotalMilliseconds:N2} ms waiting for {timing.CacheMisses:N0} records of {timing.Bytes:N0} bytes ({timing.CacheHits:N0} more were in memory), " +
            $"{timing.Decode.TotalMilliseconds:N2} ms decoding; {timing.Chunks:N0} chunks, {timing.Points:N0} points");
    }

    internal static bool TryParseLabel(string text, out ulong label) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out label);

    private static ulong ParseLabel(SymbolResult result, string text)
    {
        if (TryParseLabel(text, out var label)) return label;
        result.AddError($"A label is a whole number from 0 to {ulong.MaxValue}, not '{text}'.");
        return 0;
    }

    private static Box? ParseBox(ArgumentResult result)
    {
        var corners = result.Tokens[0].Value.Split(':');
        if (corners.Length == 2 && ParseNumbers(result, corners[0]) is { } lowest && ParseNumbers(result, corners[1]) is { } highest)
        {
            if (lowest.Length == highest.Length) return new Box(lowest, highest);
            result.AddError($"The corners of the box '{result.Tokens[0].Value}' have {lowest.Length} and {highest.Length} numbers.");
        }
        else if (corners.Length != 2)
        {
            result.AddError($"A box is x0,y0,z0:x1,y1,z1, not '{result.Tokens[0].Value}'.");
        }

        return null;
    }

    private static Ball? ParseBall(ArgumentResult result)
    {
        var parts = result.Tokens[0].Value.Split(':');
        if (parts.Length == 2 && ParseNumbers(result, parts[0]) is { } center && RealOption.TryParse(parts[1], out var radius) && radius >= 0) return new Ball(center, radius);
        result.AddError($"A ball is x,y,z:radius with a radius of zero or more, not '{result.Tokens[0].Value}'.");
        return null;
    }

    private static Value[]? ParseNumbers(SymbolResult result, string text)
    {
        var words = text.Split(',');
        var numbers = new Value[words.Length];
        for (var i = 0; i < words.Length; i++)
        {
            if (long.TryParse(words[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) numbers[i] = whole;
            else if (RealOption.TryParse(words[i], out var real)) numbers[i] = real;
            else
            {
                result.AddError($"'{words[i]}' in '{text}' is no number.");
                return null;
            }
        }

        return numbers;
    }
}
