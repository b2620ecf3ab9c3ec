using System.Diagnostics.CodeAnalysis;
namespace Basalt.Schemas;
/// <summary>x</summary>
public static class Mapping {
/// <summary>x</summary>
public const DynamicallyAccessedMemberTypes Members = DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.PublicProperties;
}
