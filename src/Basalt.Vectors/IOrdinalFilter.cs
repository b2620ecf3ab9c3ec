namespace Basalt.Vectors;

/// <summary>Says which vectors may be found. It is asked from several threads in a batch.</summary>
public interface IOrdinalFilter
{
    /// <summary>Whether the vector with this ordinal may be found.</summary>
    bool Accepts(int ordinal);
}
