using System.Linq.Expressions;
namespace Basalt.Filters;
internal static class LinqFilter { public static Filter Translate<T>(Expression<Func<T, bool>> p) => throw new NotSupportedException(p.ToString()); }
