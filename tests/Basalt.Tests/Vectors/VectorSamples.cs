using Basalt.Vectors;

namespace Basalt.Tests.Vectors;

/// <summary>Vectors that an element type can hold.</summary>
internal static class VectorSamples
{
    public static float[] Next(Random random, int dimension, ElementType type = ElementType.Float32)
    {
        var vector = new float[dimension];
        for (var i = 0; i < dimension; i++)
        {
            vector[i] = type switch
            {
                ElementType.Int8 => random.Next(sbyte.MinValue, sbyte.MaxValue + 1),
                ElementType.Bit => random.Next(2),
                _ => (float)(random.NextDouble() * 2 - 1) * MathF.Pow(2, random.Next(-4, 4)),
            };
        }

        return vector;
    }
}
