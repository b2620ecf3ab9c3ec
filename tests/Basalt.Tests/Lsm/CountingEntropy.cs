using System.Security.Cryptography;

namespace Basalt.Tests.Lsm;

/// <summary>"Random" bytes 0, 1, 2, ... that make an encrypted example the same each time.</summary>
internal sealed class CountingEntropy : RandomNumberGenerator
{
    private byte _next;

    public override void GetBytes(byte[] data) => GetBytes(data.AsSpan());

    public override void GetBytes(Span<byte> data)
    {
        foreach (ref var b in data) b = _next++;
    }
}
