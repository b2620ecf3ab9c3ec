using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Distances;

/// <summary>How elements of a row become float32. A load takes as many elements as the register has room for.</summary>
internal unsafe interface IFloatElements
{
    /// <summary>Bytes of an element.</summary>
    static abstract int Size { get; }

    static abstract Vector512<float> Load512(byte* row, int element);

    static abstract Vector256<float> Load256(byte* row, int element);

    static abstract Vector128<float> Load128(byte* row, int element);
}
