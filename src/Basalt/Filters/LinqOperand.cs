using System.Linq.Expressions;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Filters;

/// <summary>A member of the mapped type that a predicate compares.</summary>
internal sealed record LinqOperand(FieldPath Field, Codec Codec, Type Type, bool IsKey)
{
    private Type Bare => Nullable.GetUnderlyingType(Type) ?? Type;

    private bool IsIntegerKey => IsKey && Codec.Shape.Type == FieldType.Int64;

    /// <summary>Where the value is; the id is wherever the store has it.</summary>
    public FieldPath Path => IsKey ? FieldPath.Id : Field;

    /// <summary>The items of a list of single values, or null.</summary>
    public LinqOperand? Items =>
        Codec is { Items: { } items, Shape.Type: FieldType.List } && items.Shape.Type is not (FieldType.List or FieldType.Map)
            ? new LinqOperand(Field, items, ItemType(Bare), IsKey: false)
            : null;

    public FieldPath PathForEquality(Expression whole)
    {
        var isByReference = Codec.Shape.Type is FieldType.List or FieldType.Map or FieldType.Vector or FieldType.Bytes && Bare != typeof(ValueMap);
        return isByReference ? throw new NotSupportedException($"'{whole}' compares {Field} as a whole, which C# does by reference; compare its parts.") : Path;
    }

    public FieldPath PathForOrder(Expression whole)
    {
        if (Bare.IsEnum) throw new NotSupportedException($"'{whole}' orders an enum, which is kept by name; list the values that are meant.");
        return IsIntegerKey ? Field : Path;
    }

    public Value LiteralForOrder(object constant) => IsIntegerKey ? Codec.Literal(constant) : Literal(constant);

    /// <summary>The constant as the mapper would write it in this member.</summary>
    public Value Literal(object constant)
    {
        // The compiler compares enums and characters as integers.
        if (Bare.IsEnum) return Codec.Literal(Enum.ToObject(Bare, constant));
        if (Bare == typeof(char) && constant is int code) return ((char)code).ToString();
        var literal = Codec.Literal(constant);
        return IsKey ? RecordId.FromValue(literal) ?? throw new NotSupportedException($"{literal} cannot be an id.") : literal;
    }

    private static Type ItemType(Type list) => list.IsArray ? list.GetElementType()! : list.GetGenericArguments()[0];
}

/// <summary>Finds the members of the mapped type in expressions.</summary>
internal sealed class LinqOperands(MappedType root, ParameterExpression parameter)
{
    public LinqOperand Require(Expression expression) => Find(expression) ?? throw LinqFilter.Refuse(expression);

    /// <summary>The member that the expression is, or null when it is something else.</summary>
    public LinqOperand? Find(Expression expression)
    {
        expression = WithoutConversion(expression);
        switch (expression)
        {
            case MemberExpression { Expression: { } outer } member when WithoutConversion(outer) == parameter: return Member(root, null, member);
            case MemberExpression { Member.Name: nameof(Nullable<int>.Value), Expression: { } nullable } when Nullable.GetUnderlyingType(nullable.Type) is not null:
                return Find(nullable) is { } value ? value with { Type = expression.Type } : null;
            case MemberExpression { Expression: { } outer } member when Find(outer) is { Codec.Nested: { } nested } owner: return Member(nested, owner, member);
            case MethodCallExpression { Method.Name: "get_Item", Object: { } map, Arguments: [var key] } call
                when LinqConstant.TryEvaluate(key, out var name) && name is string text && Find(map) is { Codec.Shape.Type: FieldType.Map } owner:
                var entry = owner.Codec.Items ?? ScalarCodecs.For(typeof(Value))!;
                return new LinqOperand(FieldPath.Of([.. owner.Field.Segments, text]), entry, call.Type, IsKey: false);
            default: return null;
        }
    }

    private static LinqOperand Member(MappedType type, LinqOperand? owner, MemberExpression member)
    {
        var mapped = type.Find(member.Member.Name)
            ?? throw new NotSupportedException($"'{member}' is not a mapped property, so no field has it.");
        var path = FieldPath.Of([.. owner?.Field.Segments ?? [], mapped.Field.Name]);
        return new LinqOperand(path, mapped.Codec, mapped.Property.PropertyType, mapped.IsKey);
    }

    /// <summary>The expression without conversions that change no comparison: to nullable, object or base, enum and char to integers, wider numbers.</summary>
    public static Expression WithoutConversion(Expression expression)
    {
        while (expression is UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.TypeAs } convert)
        {
            var from = Nullable.GetUnderlyingType(convert.Operand.Type) ?? convert.Operand.Type;
            var to = Nullable.GetUnderlyingType(convert.Type) ?? convert.Type;
            var isNeutral = to.IsAssignableFrom(from) || (from.IsEnum && IsInteger(to)) || (from == typeof(char) && to == typeof(int)) || IsWider(from, to);
            if (!isNeutral) throw new NotSupportedException($"'{expression}' converts {Codec.Name(from)} to {Codec.Name(to)}, which can change the value.");
            expression = convert.Operand;
        }

        return expression;
    }

    private static bool IsInteger(Type type) => !type.IsEnum && Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.UInt64;

    private static bool IsWider(Type from, Type to)
    {
        if (from == typeof(float)) return to == typeof(double);
        if (!IsInteger(from)) return false;
        if (Type.GetTypeCode(to) is TypeCode.Single or TypeCode.Double or TypeCode.Decimal) return true;
        if (!IsInteger(to)) return false;
        var (fromSize, fromSigned) = Width(from);
        var (toSize, toSigned) = Width(to);
        return toSize > fromSize && (toSigned || !fromSigned);
    }

    // The codes go SByte, Byte, Int16, UInt16, ...: signed ones are odd.
    private static (int Size, bool IsSigned) Width(Type type)
    {
        var code = (int)Type.GetTypeCode(type) - (int)TypeCode.SByte;
        return (code / 2, code % 2 == 0);
    }
}
