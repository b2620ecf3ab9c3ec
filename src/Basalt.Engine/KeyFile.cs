using System.Security.Cryptography;
using System.Text;
using Basalt.Lsm.Encryption;

namespace Basalt.Engine;

/// <summary>
/// Reads the keys of an encrypted database: text with a key a line, the current one first, on which new files are encrypted; the others are for reading what is under them. A line is a name, a blank
/// and the key, or the key alone, whose name is <see cref="DefaultName"/>. A key is 32 bytes, as 64 hexadecimal digits or in base64. Empty lines and those that begin with # are passed over. A name is stored
/// in the clear with every file and is of one key for ever.
/// </summary>
/// <remarks>To rotate: put a line of a new name and key first, open the database, and <c>compact</c> it; <c>stats</c> then names the new key alone, and the old line can go.</remarks>
internal static class KeyFile
{
    public const string DefaultName = "main";

    /// <summary>The keys of a file.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: it cannot be read, or holds something else. No message shows what it holds.</exception>
    public static KeyRing Read(string path)
    {
        byte[] text;
        try
        {
            text = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Invalid($"The key file {path} cannot be read: {e.Message}", e);
        }

        try
        {
            return Parse(Encoding.UTF8.GetString(text), $"The key file {path}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>The keys of an environment variable.</summary>
    /// <inheritdoc cref="Read"/>
    public static KeyRing ReadVariable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? Parse(text, $"The environment variable {name}") : throw Invalid($"The environment variable {name}, which is to hold the key, is not set.");

    /// <summary>The keys of a text.</summary>
    public static KeyRing Parse(string text, string what)
    {
        KeyRing? ring = null;
        Span<byte> key = stackalloc byte[KeyRing.KeyBytes];
        try
        {
            var number = 0;
            foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
            {
                number++;
                if (line.Length == 0 || line[0] == '#') continue;
                var cut = line.LastIndexOf(' ');
                var name = cut < 0 ? DefaultName : line[..cut].Trim();
                if (!TryDecode(line[(cut + 1)..], key)) throw Invalid($"{what} has no key of 32 bytes in line {number}: it is to be 64 hexadecimal digits, or base64.");
                try
                {
                    if (ring is null) ring = new KeyRing(name, key);
                    else ring.Add(name, key);
                }
                catch (ArgumentException e)
                {
                    throw Invalid($"{what} has a name that cannot be used in line {number}: {e.Message.Split(" (Parameter ")[0]}", e);
                }
            }

            return ring ?? throw Invalid($"{what} holds no key.");
        }
        catch
        {
            ring?.Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static bool TryDecode(string text, Span<byte> key)
    {
        if (text.Length == 2 * KeyRing.KeyBytes && text.All(char.IsAsciiHexDigit)) return Convert.FromHexString(text, key, out _, out var written) == System.Buffers.OperationStatus.Done && written == key.Length;
        Span<byte> decoded = stackalloc byte[KeyRing.KeyBytes + 3];
        if (!Convert.TryFromBase64String(text, decoded, out var length) || length != key.Length) return false;
        decoded[..length].CopyTo(key);
        CryptographicOperations.ZeroMemory(decoded);
        return true;
    }

    private static BasaltException Invalid(string message, Exception? inner = null) => new(ErrorCode.InvalidOptions, message, inner) { Backend = EngineFaults.Scheme };
}
