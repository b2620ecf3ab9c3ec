using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Basalt.Tests.Objects;

/// <summary>What happens to a request on its way.</summary>
internal sealed record Mishap
{
    public static Mishap None { get; } = new();

    /// <summary>The server never sees it; this is the answer.</summary>
    public int? Status { get; init; }

    /// <summary>The connection is reset before the server sees it.</summary>
    public bool ResetsBefore { get; init; }

    /// <summary>The server does what it is asked, and the connection is reset in place of the answer.</summary>
    public bool LosesAnswer { get; init; }

    /// <summary>So many bytes of the answer's body arrive before the connection is reset.</summary>
    public int? CutsAfter { get; init; }

    /// <summary>How long the answer takes more.</summary>
    public TimeSpan Delay { get; init; }
}

/// <summary>Stands between a client and a server of HTTP on this machine, and lets happen what networks do.</summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Uri _server;
    private readonly Func<string, int, Mishap> _mishap;
    private readonly List<Task> _connections = [];
    private readonly List<string> _heads = [];
    private readonly Task _accepting;

    /// <param name="server">The server.</param>
    /// <param name="mishap">What happens to a request, by its first line and its number, from 1.</param>
    public FaultyProxy(Uri server, Func<string, int, Mishap> mishap)
    {
        (_server, _mishap) = (server, mishap);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Endpoint => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>The heads of all requests so far.</summary>
    public IReadOnlyList<string> Heads
    {
        get
        {
            lock (_heads) return [.. _heads];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        try
        {
            client.NoDelay = server.NoDelay = true;
            await server.ConnectAsync(_server.Host, _server.Port, _stopping.Token);
            var (from, to) = (new Wire(client.GetStream(), _stopping.Token), new Wire(server.GetStream(), _stopping.Token));
            while (await from.ReadHeadAsync() is { } head)
                if (!await PassAsync(client, from, to, head)) return;
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One of the two has gone.
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task<bool> PassAsync(TcpClient client, Wire from, Wire to, string head)
    {
        int number;
        lock (_heads)
        {
            _heads.Add(head);
            number = _heads.Count;
        }

        var mishap = _mishap(head[..head.IndexOf('\r')], number);
        if (mishap.ResetsBefore) return Reset(client);
        if (Header(head, "Expect") is not null) await from.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n");
        var body = await from.ReadBodyAsync(head, hasBody: true);
        if (mishap.Status is { } status)
        {
            await Task.Delay(mishap.Delay, _stopping.Token);
            await from.WriteAsync($"HTTP/1.1 {status} Not Now\r\nContent-Length: 0\r\n\r\n");
            return true;
        }

        await to.WriteAsync(string.Join("\r\n", head.Split("\r\n").Where(static line => !line.StartsWith("Expect:", StringComparison.OrdinalIgnoreCase))));
        await to.WriteAsync(body);
        var answer = await to.ReadHeadAsync() ?? throw new IOException("the server closed the connection");
        var content = await to.ReadBodyAsync(answer, hasBody: !head.StartsWith("HEAD ", StringComparison.Ordinal) && !answer.Contains(" 204 "));
        if (mishap.LosesAnswer) return Reset(client);
        await Task.Delay(mishap.Delay, _stopping.Token);
        await from.WriteAsync(answer);
        await from.WriteAsync(mishap.CutsAfter is { } cut ? content[..Math.Min(cut, content.Length)] : content);
        return mishap.CutsAfter is null || Reset(client);
    }

    private static bool Reset(TcpClient client)
    {
        // No linger: the other side gets a reset and not an orderly end.
        client.LingerState = new LingerOption(true, 0);
        client.Close();
        return false;
    }

    private static string? Header(string head, string name) =>
        head.Split("\r\n").FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)) is { } line ? line[(name.Length + 1)..].Trim() : null;

    /// <summary>One direction of HTTP: a head, then as many bytes as it says.</summary>
    private sealed class Wire(NetworkStream stream, CancellationToken cancellationToken)
    {
        private byte[] _buffer = new byte[1 << 16];
        private int _start;
        private int _end;

        public async Task<string?> ReadHeadAsync()
        {
            while (true)
            {
                var end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8);
                if (end >= 0) return Encoding.Latin1.GetString(Take(end + 4));
                if (!await FillAsync()) return null;
            }
        }

        public async Task<byte[]> ReadBodyAsync(string head, bool hasBody)
        {
            if (!hasBody) return [];
            if (Header(head, "Content-Length") is { } length) return await ReadAsync(int.Parse(length, CultureInfo.InvariantCulture));
            if (Header(head, "Transfer-Encoding") is null) return [];
            var body = new MemoryStream();
            while (true)
            {
                var line = await ReadLineAsync();
                var size = int.Parse(Encoding.Latin1.GetString(line).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                body.Write(line);
                body.Write(await ReadAsync(size + 2));
                if (size == 0) return body.ToArray();
            }
        }

        public Task WriteAsync(string text) => WriteAsync(Encoding.Latin1.GetBytes(text));

        public async Task WriteAsync(byte[] bytes) => await stream.WriteAsync(bytes, cancellationToken);

        private async Task<byte[]> ReadLineAsync()
        {
            while (true)
            {
                var end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
                if (end >= 0) return Take(end + 2);
                if (!await FillAsync()) throw new IOException("the connection ended in a line");
            }
        }

        private async Task<byte[]> ReadAsync(int count)
        {
            while (_end - _start < count)
                if (!await FillAsync()) throw new IOException("the connection ended in a body");
            return Take(count);
        }

        private byte[] Take(int count)
        {
            var taken = _buffer.AsSpan(_start, count).ToArray();
            _start += count;
            return taken;
        }

        private async Task<bool> FillAsync()
        {
            if (_start > 0) _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
            var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _end += count;
            return count > 0;
        }
    }
}
