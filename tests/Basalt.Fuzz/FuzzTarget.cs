using System.Text;

namespace Basalt.Fuzz;

/// <summary>
/// One decoder under random bytes. It may refuse an input with the error that it documents; anything else is a finding, and so is memory out of
/// proportion to the input. The corpus runs first, unchanged. <c>BASALT_FUZZ_ITERATIONS</c> and <c>BASALT_SEED</c> make a run longer or repeat one.
/// </summary>
public abstract class FuzzTarget
{
    private const int DefaultIterations = 20_000;

    /// <summary>Fixed costs of a decoder plus this many bytes per byte of input are in proportion.</summary>
    private const long AllowedBytesPerByte = 4096;
    private const long AllowedFixedBytes = 4 << 20;

    /// <summary>Valid inputs and inputs that once found something.</summary>
    protected virtual IReadOnlyList<string> Corpus => [];

    /// <summary>The corpus as bytes.</summary>
    protected virtual IReadOnlyList<byte[]> Seeds => [.. Corpus.Select(Encoding.UTF8.GetBytes)];

    /// <summary>What the decoder's grammar is made of.</summary>
    protected virtual IReadOnlyList<string> Tokens => [];

    /// <summary>Whether checksums cover all of an input, so that only those of the corpus need be accepted.</summary>
    protected virtual bool IsSealed => false;

    /// <summary>Decodes; throws only what the decoder documents, which <see cref="IsRefusal"/> tells.</summary>
    protected abstract void Decode(byte[] input);

    /// <summary>Whether the exception is the documented answer to a malformed input.</summary>
    protected abstract bool IsRefusal(Exception exception);

    [Fact]
    public void Any_bytes_are_decoded_or_refused()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var chosen) ? chosen : Environment.TickCount;
        var iterations = int.TryParse(Environment.GetEnvironmentVariable("BASALT_FUZZ_ITERATIONS"), out var wanted) ? wanted : DefaultIterations;
        var corpus = Seeds;
        var mutator = new Mutator(seed, corpus, Tokens);
        foreach (var input in corpus) Assert.True(Try(input, seed) || !IsSealed, "The decoder refuses its own corpus.");
        var refused = 0;
        for (var i = 0; i < iterations; i++)
            if (!Try(mutator.Next(), seed)) refused++;
        // A run that refuses everything or nothing does not test the decoder.
        Assert.InRange(refused, 1, IsSealed ? iterations : iterations - 1);
    }

    private bool Try(byte[] input, int seed)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var accepted = true;
        try
        {
            Decode(input);
        }
        catch (Exception e) when (IsRefusal(e))
        {
            accepted = false;
        }
        catch (Exception e)
        {
            Assert.Fail($"seed {seed}: {Convert.ToBase64String(input)} ({Encoding.UTF8.GetString(input)}) made {e}");
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= AllowedFixedBytes + AllowedBytesPerByte * input.Length, $"seed {seed}: {input.Length} bytes ({Convert.ToBase64String(input)}) allocated {allocated}");
        return accepted;
    }
}
