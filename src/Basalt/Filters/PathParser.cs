namespace Basalt.Filters;

/// <summary>Reads the paths of the grammar in <see cref="FilterText"/>.</summary>
internal static class PathParser
{
    public static FieldPath Parse(TokenReader tokens)
    {
        if (tokens.Current.Kind == TokenKind.Word && tokens.Current.Value.StartsWith('$')) return ParseSystemPath(tokens);
        var segments = new List<string> { ParseName(tokens) };
        while (tokens.Take(".")) segments.Add(ParseName(tokens));
        return FieldPath.Of([.. segments]);
    }

    private static FieldPath ParseSystemPath(TokenReader tokens)
    {
        var token = tokens.Advance();
        switch (token.Value.ToLowerInvariant())
        {
            case "$id": return FieldPath.Id;
            case "$version": return FieldPath.Version;
            case "$created": return FieldPath.Created;
            case "$updated": return FieldPath.Updated;
            case "$expires": return FieldPath.Expires;
            case "$meta":
                var segments = new List<string>();
                while (tokens.Take(".")) segments.Add(ParseName(tokens));
                if (segments.Count == 0) throw tokens.Error(token.End, "expected '.name' after $meta");
                return FieldPath.OfMetadata([.. segments]);
            default:
                throw tokens.Error(token.Start, $"no such property '{token.Value}' ($id, $version, $created, $updated, $expires, $meta.name); a field of that name needs double quotes");
        }
    }

    private static string ParseName(TokenReader tokens)
    {
        if (tokens.Current.Kind is not (TokenKind.Word or TokenKind.QuotedName)) throw tokens.Error($"expected a field name, found {tokens.Shown}");
        if (tokens.Current.Kind == TokenKind.Word && FilterPrinter.IsKeyword(tokens.Current.Value))
            throw tokens.Error($"'{tokens.Current.Value}' is a word of the language; as a field name it needs double quotes:");
        return tokens.TakeWellFormed();
    }
}
