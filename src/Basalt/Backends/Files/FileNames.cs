using System.Globalization;
using System.Text;
using Basalt.Records;

namespace Basalt.Backends.Files;

/// <summary>Which file holds which collection: one file, or a folder in which every file with a known extension is one.</summary>
internal sealed class FileNames
{
    private static readonly string[] ReservedOnWindows =
    [
        "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
        "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    ];

    // Room for the extension and what is put behind it, within the 255 bytes of common file systems.
    private const int LongestFileName = 220;

    private readonly string _path;
    private readonly FileFormat _format;
    private readonly string? _only;

    private FileNames(string path, FileFormat format, string? only)
    {
        _path = path;
        _format = format;
        _only = only;
    }

    public bool IsFolder => _only is null;

    public bool CanHold(string collection) => _only is null || collection == _only;

    public static FileNames Of(FileOptions options)
    {
        var path = Path.GetFullPath(options.Path);
        var name = Path.GetFileName(path);
        var isDirectory = Directory.Exists(path);
        if (FileFormat.TryFromFileName(name, out var format, out var stem) && !Path.EndsInDirectorySeparator(options.Path))
        {
            if (isDirectory) throw new BasaltException(ErrorCode.InvalidOptions, $"{path} is a folder, though its name is that of a file. Write it with a / at the end if the folder is meant.") { Backend = "file", Target = path };
            return new FileNames(Resolve(path), format, Unescape(stem));
        }

        if (File.Exists(path)) throw new BasaltException(ErrorCode.InvalidOptions, $"{path} is neither a folder nor a file with one of the extensions {FileFormat.Known}.") { Backend = "file", Target = path };
        return new FileNames(path, options.Format, null);
    }

    public (string Path, FileFormat Format) Locate(string collection)
    {
        if (_only is not null)
        {
            return collection == _only
                ? (_path, _format)
                : throw new BasaltException(ErrorCode.NotFound, $"{_path} holds one collection, '{_only}'; there is no '{collection}' in it. Open the folder for several.") { Backend = "file", Target = _path };
        }

        string? found = null;
        foreach (var file in Files())
        {
            if (file.Collection != collection) continue;
            if (found is not null) throw new BasaltException(ErrorCode.InvalidData, $"'{collection}' is in two files: {found} and {file.Path}. Rename one of them.") { Backend = "file", Target = found };
            found = file.Path;
        }

        if (found is not null && FileFormat.TryFromFileName(Path.GetFileName(found), out var format, out _)) return (Resolve(found), format);
        var name = Escape(collection) + _format.Extension;
        if (name.Length > LongestFileName) throw new BasaltException(ErrorCode.InvalidOptions, $"The collection '{collection[..20]}...' would need a file name of {name.Length} bytes; {LongestFileName} are possible.") { Backend = "file", Target = _path };
        return (Path.Combine(_path, name), _format);
    }

    public IReadOnlyList<string> List()
    {
        if (_only is not null) return File.Exists(_path) ? [_only] : [];
        var names = Files().Select(static f => f.Collection).Distinct().ToArray();
        Array.Sort(names, static (a, b) => Text.Compare(a, b));
        return names;
    }

    private IEnumerable<(string Collection, string Path)> Files()
    {
        if (!Directory.Exists(_path)) yield break;
        string[] files;
        try
        {
            files = Directory.GetFiles(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileFaults.FromIO(_path, e);
        }

        foreach (var file in files)
        {
            var name = Path.GetFileName(file);
            if (!name.StartsWith('.') && FileFormat.TryFromFileName(name, out _, out var stem)) yield return (Unescape(stem), file);
        }
    }

    /// <summary>The file that a link leads to, so that a rewrite replaces that and not the link.</summary>
    private static string Resolve(string path) => File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? target.FullName : path;

    /// <summary>A name as a file name that every system takes: all but ASCII letters, digits, <c>_</c>, <c>-</c> and inner points is percent-encoded UTF-8.</summary>
    internal static string Escape(string collection)
    {
        var text = new StringBuilder();
        var isReserved = ReservedOnWindows.Contains(collection.Split('.')[0], StringComparer.OrdinalIgnoreCase);
        foreach (var b in Encoding.UTF8.GetBytes(collection))
        {
            var isPlain = char.IsAsciiLetterOrDigit((char)b) || b is (byte)'_' or (byte)'-' || (b == '.' && text.Length > 0);
            if (isPlain && !(isReserved && text.Length == 0)) text.Append((char)b);
            else text.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    /// <summary>The name that a file's name stands for; what is no valid encoding stands for itself.</summary>
    internal static string Unescape(string stem)
    {
        if (!stem.Contains('%')) return stem;
        var bytes = new List<byte>();
        for (var i = 0; i < stem.Length; i++)
        {
            if (stem[i] == '%' && i + 2 < stem.Length && byte.TryParse(stem.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var b))
            {
                bytes.Add(b);
                i += 2;
                continue;
            }

            var length = char.IsHighSurrogate(stem[i]) && i + 1 < stem.Length ? 2 : 1;
            bytes.AddRange(Encoding.UTF8.GetBytes(stem.Substring(i, length)));
            i += length - 1;
        }

        var decoded = bytes.ToArray();
        return System.Text.Unicode.Utf8.IsValid(decoded) ? Encoding.UTF8.GetString(decoded) : stem;
    }
}
