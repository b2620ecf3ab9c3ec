using System.Text;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Versions;

/// <summary>
/// A file of one line of ASCII: words, a space, the CRC-32C of all before in eight hexadecimal digits, a line feed. It is replaced whole, so
/// who looks finds the old line or the new one.
/// </summary>
internal static class SealedLine
{
    private const int Longest = 128;

    /// <summary>Writes the file; it is durable with its name.</summary>
    public static void Write(IFileSystem disk, string path, string words)
    {
        var temporary = path + FileNames.Temporary;
        try
        {
            using var file = disk.Create(temporary);
            file.Append(Encoding.ASCII.GetBytes($"{words} {Checksum(words + " ")}\n"));
            file.Sync();
        }
        catch (Exception e) when (DiskSpace.IsOut(e))
        {
            // The file of that name is as it was.
            throw LsmException.DiskFull(Path.GetDirectoryName(path)!, e);
        }

        disk.Rename(temporary, path);
        disk.SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>The words; null when the file is not such a line.</summary>
    public static string[]? Read(IFileSystem disk, string path)
    {
        using var file = disk.Open(path);
        Span<byte> bytes = stackalloc byte[Longest];
        var text = Encoding.Latin1.GetString(bytes[..file.Read(0, bytes)]);
        var end = text.LastIndexOf(' ') + 1;
        return end > 0 && text[end..] == Checksum(text[..end]) + "\n" ? text[..(end - 1)].Split(' ') : null;
    }

    private static string Checksum(string text) => $"{Crc32C.Of(Encoding.Latin1.GetBytes(text)):x8}";
}
