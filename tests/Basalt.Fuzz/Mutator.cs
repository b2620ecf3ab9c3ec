using System.Text;

namespace Basalt.Fuzz;

/// <summary>Makes new inputs out of a corpus: flips, inserts, deletes, repeats and splices, with the tokens that decoders care about.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> corpus, IReadOnlyList<string> tokens)
{
    private const int MaxLength = 4096;
    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        var bytes = new List<byte>(corpus[_random.Next(corpus.Count)]);
        for (var steps = _random.Next(1, 6); steps > 0; steps--) Step(bytes);
        if (bytes.Count > MaxLength) bytes.RemoveRange(MaxLength, bytes.Count - MaxLength);
        return [.. bytes];
    }

    private void Step(List<byte> bytes)
    {
        var at = _random.Next(bytes.Count + 1);
        var length = Math.Min(bytes.Count - at, _random.Next(1, 9));
        switch (_random.Next(7))
        {
            case 0 when bytes.Count > 0:
                bytes[Math.Min(at, bytes.Count - 1)] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when bytes.Count > 0:
                bytes[Math.Min(at, bytes.Count - 1)] = (byte)_random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 4 when tokens.Count > 0:
                bytes.InsertRange(at, Encoding.UTF8.GetBytes(tokens[_random.Next(tokens.Count)]));
                break;
            case 5:
                var other = corpus[_random.Next(corpus.Count)];
                var from = _random.Next(other.Length + 1);
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other.AsSpan(from));
                break;
            default:
                bytes.Insert(at, (byte)_random.Next(256));
                break;
        }
    }
}
