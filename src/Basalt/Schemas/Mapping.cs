using System.Diagnostics.CodeAnalysis;

namespace Basalt.Schemas;

/// <summary>What a mapping of CLR types needs of them.</summary>
public static class Mapping
{
    /// <summary>The members that a mapped type must keep when a program is trimmed; nested mapped types must keep them too.</summary>
    public const DynamicallyAccessedMemberTypes Members = DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.PublicProperties;

    internal const string TrimReason =
        "Types of mapped properties are reached through the annotated root; Mapping.Members documents that nested types must be kept, "
        + "and a type without usable members is refused by name.";

    internal const string DynamicCodeReason =
        "Only array and dictionary types of mapped properties are made; a runtime without code for one refuses it when the mapper is made.";
}
