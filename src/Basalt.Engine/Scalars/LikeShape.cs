using System.Text;
using Basalt.Filters;

namespace Basalt.Engine.Scalars;

/// <summary>What a pattern says of the order of texts: how every match begins, and whether that, or a text somewhere, is all it asks for.</summary>
/// <param name="Beginning">What each match begins with; empty for a pattern that ignores case.</param>
/// <param name="Literal">All that the pattern holds but runs at its ends; null when there is more.</param>
/// <param name="OpenStart">Whether anything may be before the literal.</param>
/// <param name="OpenEnd">Whether anything may follow it.</param>
internal readonly record struct LikeShape(string Beginning, string? Literal, bool OpenStart, bool OpenEnd)
{
    public static LikeShape Of(LikeFilter like)
    {
        if (like.IgnoreCase) return default(LikeShape) with { Beginning = "" };
        var (literal, beginning, openStart, openEnd, isMore) = (new StringBuilder(), (string?)null, false, false, false);
        var isEscaped = false;
        foreach (var c in like.Pattern)
        {
            if (!isEscaped && c == '\\')
            {
                isEscaped = true;
                continue;
            }

            if (!isEscaped && (c is '%' or '_'))
            {
                beginning ??= literal.ToString();
                isMore |= c == '_';
                if (literal.Length == 0) openStart = true;
                else openEnd = true;
                continue;
            }

            // A run that was no end after all.
            isMore |= openEnd;
            literal.Append(c);
            isEscaped = false;
        }

        // Of runs alone, the first opens both ends.
        return new LikeShape(beginning ?? literal.ToString(), isMore ? null : literal.ToString(), openStart, openEnd || (openStart && literal.Length == 0));
    }
}
