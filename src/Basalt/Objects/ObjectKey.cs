using System.Text;
using Basalt.Records;

namespace Basalt.Objects;

/// <summary>Which keys there can be.</summary>
internal static class ObjectKey
{
    /// <summary>The longest key in bytes of UTF-8.</summary>
    public const int MaxBytes = 1024;

    /// <summary>Refuses what is no key.</summary>
    public static void Require(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        Text.RequireWellFormed(key, nameof(key));
        var bytes = Encoding.UTF8.GetByteCount(key);
        if (bytes > MaxBytes) throw new ArgumentException($"A key has at most {MaxBytes} bytes, not {bytes}.", nameof(key));
    }

    /// <summary>Refuses what may not be put. Buckets that others fill hold more, and such keys can be listed, read and deleted.</summary>
    public static void RequireToPut(string key)
    {
        Require(key);
        if (!IsPlain(key)) throw new ArgumentException($"The key '{key}' cannot be put: control characters, and parts between slashes that are empty, '.' or '..', are not possible.", nameof(key));
    }

    /// <summary>Whether a key may be put.</summary>
    public static bool IsPlain(string key) => IsPath(key) && !key.AsSpan().ContainsAnyInRange('\x01', '\x1F') && !key.Contains('\x7F');

    /// <summary>Whether every part of a key can be the name of a file, so that none leads elsewhere.</summary>
    public static bool IsPath(string key)
    {
        foreach (var part in key.AsSpan().Split('/'))
            if (key.AsSpan()[part] is "" or "." or "..") return false;
        return !key.Contains('\0');
    }
}
