using Basalt.Vectors.Files;
using Basalt.Vectors.Samples;

namespace Basalt.Tests.Vectors.Samples;

public sealed class GaussianMixtureTests
{
    private static readonly GaussianMixture Mixture = new();

    [Fact]
    public void The_documented_sets_have_the_documented_bytes()
    {
        Assert.Equal(0x86e396b1f780d2a7UL, Hash(1_000, Mixture.Query));
        Assert.Equal(0x5d5108705270b4c3UL, Hash(100_000, Mixture.Base));
    }

    [Fact]
    public void The_attribute_selects_the_percentage_that_it_is_compared_with()
    {
        foreach (var percent in new[] { 1, 10, 50 })
            Assert.InRange(Enumerable.Range(0, 100_000).Count(i => GaussianMixture.Attribute(i) < percent) / 1_000.0, percent * 0.9, percent * 1.1);
    }

    [Fact]
    public void Room_of_another_length_is_refused() => Assert.Throws<ArgumentException>(() => Mixture.Base(0, new float[127]));

    private delegate void Row(long row, Span<float> vector);

    /// <summary>FNV-1a of the bytes of the .fvecs file.</summary>
    private static ulong Hash(int count, Row source)
    {
        using var hasher = new HashingStream();
        var writer = new VecsWriter(hasher, VecsFormat.Float32);
        var vector = new float[Mixture.Dimension];
        for (var i = 0; i < count; i++)
        {
            source(i, vector);
            writer.Write(vector);
        }

        return hasher.Hash;
    }

    private sealed class HashingStream : MemoryStream
    {
        public ulong Hash { get; private set; } = 0xCBF29CE484222325;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            foreach (var b in buffer) Hash = (Hash ^ b) * 0x100000001B3;
        }
    }
}
