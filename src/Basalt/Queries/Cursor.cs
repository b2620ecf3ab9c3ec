using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Basalt.Records;

namespace Basalt.Queries;

/// <summary>
/// Where a page ended: the sort keys and the id of its last record. Records written since fall before or after that place by their own keys,
/// so a walk by cursors neither repeats nor skips a record that stays as it is.
/// </summary>
internal sealed record Cursor(IReadOnlyList<Value> Keys, string Id)
{
    // A token is base64url of the exact JSON of [fingerprint, [keys…], id].
    private const int FingerprintBytes = 9;

    public static string Write(Query query, Record last)
    {
        var keys = query.Sort.Select(key => key.Path.Resolve(last));
        var content = Value.FromList([Fingerprint(query), Value.FromList(keys), last.Id]);
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(RecordJson.ToText(content)));
    }

    public static Cursor Read(Query query)
    {
        if (query.Offset > 0) throw new BasaltException(ErrorCode.InvalidQuery, $"A cursor continues where a page ended; it does not go with an offset ({query.Offset}).");
        Value content;
        try
        {
            content = RecordJsonReader.ReadValue(Base64Url.DecodeFromChars(query.Cursor));
        }
        catch (FormatException e)
        {
            throw Malformed(e);
        }

        if (content.Kind != ValueKind.List || content.AsList.Span is not [{ Kind: ValueKind.String } fingerprint, { Kind: ValueKind.List } keys, { Kind: ValueKind.String } id])
            throw Malformed(null);
        if (fingerprint.AsString != Fingerprint(query))
            throw new BasaltException(ErrorCode.InvalidQuery, "The cursor belongs to another filter or sort; start again without it.");
        return keys.AsList.Length == query.Sort.Count ? new Cursor([.. keys.AsList.Span], id.AsString) : throw Malformed(null);
    }

    private static BasaltException Malformed(Exception? cause) => new(ErrorCode.InvalidQuery, "The cursor is not one that a query returned.", cause);

    private static string Fingerprint(Query query)
    {
        var text = $"{query.Filter}\n{string.Join('\n', query.Sort)}";
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, FingerprintBytes));
    }
}
