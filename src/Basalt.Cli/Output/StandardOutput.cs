using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Basalt.Cli.Output;

/// <summary>Standard output in UTF-8, buffered, which tells when the reader at the other end of a pipe has gone.</summary>
internal static class StandardOutput
{
    private const int BufferSize = 1 << 16;

    public static TextWriter Open() =>
        new StreamWriter(OpenStream(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), BufferSize) { NewLine = "\n" };

    // The console's own stream drops what a closed pipe cannot take, so that `| head` would not stop a long query. A file stream reports it, but
    // writes to a regular file at positions of its own, which would overwrite what other programs append.
    private static Stream OpenStream()
    {
        if (OperatingSystem.IsWindows()) return Console.OpenStandardOutput();
        try
        {
            var direct = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            if (!direct.CanSeek) return direct;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Closed, or open for reading only: the console's stream knows what to do.
        }

        return Console.OpenStandardOutput();
    }
}
