using System.Globalization;
using Basalt.Records;

namespace Basalt.Filters;

/// <summary>Reads the literals of the grammar in <see cref="FilterText"/>.</summary>
internal sealed class LiteralParser(TokenReader tokens)
{
    public Value Parse() => tokens.Nested(ParseAny);

    public string ParseText()
    {
        if (tokens.Current.Kind != TokenKind.Text) throw tokens.Error($"expected text in single quotes, found {tokens.Shown}");
        return tokens.TakeWellFormed();
    }

    private Value ParseAny()
    {
        var token = tokens.Current;
        switch (token.Kind)
        {
            case TokenKind.Text:
                return ParseText();
            case TokenKind.Number:
                tokens.Advance();
                return ParseNumber(token, negative: false);
            case TokenKind.Time:
                tokens.Advance();
                return TimeText.TryParse(token.Value.ToUpperInvariant(), out var time) ? time : throw tokens.Error(token.Start, $"'{token.Value}' is not an RFC 3339 time such as 2024-05-01T12:00:00Z");
            case TokenKind.Symbol when StartsNegativeNumber:
                tokens.Advance();
                return ParseNumber(tokens.Advance(), negative: true);
            case TokenKind.Symbol when token.Value == "[":
                return Value.FromList(tokens.Items("[", "]", Parse));
            case TokenKind.Symbol when token.Value == "{":
                return ParseMap();
            case TokenKind.Word:
                return ParseWord(token);
            case TokenKind.QuotedName:
                throw tokens.Error($"expected a value, found the name \"{token.Value}\"; text takes single quotes:");
            default:
                throw tokens.Error($"expected a value, found {tokens.Shown}");
        }
    }

    /// <summary>Whether a minus stands directly in front of a number: together they are one literal, so that the least integer can be written.</summary>
    public bool StartsNegativeNumber => tokens.Current.Is("-") && tokens.Next.Kind == TokenKind.Number && tokens.Next.Start == tokens.Current.End;

    private Value ParseWord(Token token)
    {
        tokens.Advance();
        switch (token.Value.ToLowerInvariant())
        {
            case "true": return true;
            case "false": return false;
            case "null": return default;
            case "guid" when tokens.Current.Kind == TokenKind.Text: return ParseTagged(token, static t => Guid.TryParse(t, out var guid) ? guid : null);
            case "double" when tokens.Current.Kind == TokenKind.Text:
                return ParseTagged(token, static t => double.TryParse(t, NumberStyles.Float, CultureInfo.InvariantCulture, out var d) ? d : null);
            case "x" when tokens.Current.Kind == TokenKind.Text: return ParseTagged(token, static t => TryHex(t, out var bytes) ? Value.OwnBytes(bytes) : (Value?)null);
            case "vector" when tokens.Current.Is("["): return Value.OwnVector([.. tokens.Items("[", "]", ParseComponent)]);
            default: throw tokens.Error(token.Start, $"expected a value, found the word '{token.Value}'; text takes single quotes:");
        }
    }

    private Value ParseTagged(Token tag, Func<string, Value?> convert)
    {
        var text = ParseText();
        return convert(text) ?? throw tokens.Error(tag.Start, $"'{text}' is not a {tag.Value} literal");
    }

    private Value ParseMap()
    {
        var map = new ValueMapBuilder();
        tokens.Items("{", "}", () =>
        {
            if (tokens.Current.Kind is not (TokenKind.Word or TokenKind.QuotedName or TokenKind.Text)) throw tokens.Error($"expected a name, found {tokens.Shown}");
            if (map.Contains(tokens.Current.Value)) throw tokens.Error($"the name '{tokens.Current.Value}' is there twice");
            var name = tokens.TakeWellFormed();
            tokens.Expect(":");
            return map.Set(name, Parse());
        });
        return map.Build();
    }

    private float ParseComponent()
    {
        var sign = tokens.Take("-") ? "-" : "";
        if (tokens.Current.Kind is not (TokenKind.Number or TokenKind.Text) || !Number.TryParseFloat(sign + tokens.Current.Value, out var component))
            throw tokens.Error($"expected a component of the vector, found {tokens.Shown}");
        tokens.Advance();
        return component;
    }

    private Value ParseNumber(Token token, bool negative)
    {
        var text = negative ? "-" + token.Value : token.Value;
        if (text[^1] is 'm' or 'M')
        {
            return Number.TryParseDecimal(text.AsSpan(0, text.Length - 1), out var exact)
                ? exact
                : throw tokens.Error(token.Start, $"{text} is not a decimal, or has more digits than one keeps,");
        }

        return Number.TryParse(text, out var value) ? value : throw tokens.Error(token.Start, $"the number {text} is out of range");
    }

    private static bool TryHex(string text, out byte[] bytes)
    {
        bytes = new byte[text.Length / 2];
        return text.Length % 2 == 0 && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
    }
}
