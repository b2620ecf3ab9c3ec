namespace Basalt.Engine.Scalars;

/// <summary>The first byte of a key: the type, in the order of types. Bytes of these numbers also stand before the items of lists and maps.</summary>
internal static class KeyTag
{
    /// <summary>Ends a list, a map, and what else is as long as it likes within them: it is below every tag, so what is a prefix comes first.</summary>
    public const byte End = 0;

    /// <summary>Only within lists and maps: an entry whose value is null has no key.</summary>
    public const byte Null = 1;

    public const byte Bool = 2;

    public const byte Number = 3;

    public const byte Text = 4;

    public const byte DateTime = 5;

    public const byte Guid = 6;

    public const byte Bytes = 7;

    public const byte Vector = 8;

    public const byte List = 9;

    public const byte Map = 10;
}
