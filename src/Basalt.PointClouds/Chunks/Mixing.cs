namespace Basalt.PointClouds.Chunks;

/// <summary>Spreads the bits of numbers, for hashes and for samples that any machine makes alike: the finaliser of SplitMix64 (Steele, Lea, Flood, 2014).</summary>
internal static class Mixing
{
    public static ulong Mix(ulong state, ulong value)
    {
        var mixed = state * 0x9E37_79B9_7F4A_7C15 + value + 0x9E37_79B9_7F4A_7C15;
        mixed = (mixed ^ mixed >> 30) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ mixed >> 27) * 0x94D0_49BB_1331_11EB;
        return mixed ^ mixed >> 31;
    }
}
